//! The core on one thread: pictures against a plain fill of the same memory, words, verdicts.
//!
//! Pictures go round a ring far larger than the caches, as a batch in a trainer does.

use std::{hint::black_box, time::Duration};

use _core::{
    address::Address,
    batch::{self, with_renderer},
    board,
    pictures::{Encoding, encode},
    render::Theme,
    rng::Stream,
    task::Instance,
    tasks,
    verdict::Answers,
};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};

/// Task and level, easy and hard, and the height and width in pixels at which people look at its pictures.
fn cases() -> impl Iterator<Item = (&'static str, &'static str, usize, usize)> {
    tasks::IDS.iter().flat_map(|task| {
        let [height, width] = tasks::facts(task).expect("the task is registered").picture;
        ["simple", "hard"].map(|level| (*task, level, height, width))
    })
}

/// Bytes of the ring of pictures.
const RING: usize = 160 << 20;

/// Samples prepared per case; a trainer sees new ones all the time, a bench must repeat.
const SAMPLES: usize = 256;

fn addresses(task: &str, level: &str, count: usize) -> Vec<Address> {
    (0..count).map(|i| format!("{task}/{level}#test:1:{i}").parse().expect("the level is there")).collect()
}

/// Runs `paint(i, picture)` over consecutive pictures of the ring, `i` counting up.
fn ring(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    memory: &mut [u8],
    picture: usize,
    mut paint: impl FnMut(usize, &mut [u8]),
) {
    group.throughput(Throughput::Elements(1));
    let places = memory.len() / picture;
    let mut i = 0;
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            let at = i % places * picture;
            paint(i, &mut memory[at..at + picture]);
            i += 1;
        });
    });
}

fn pictures(criterion: &mut Criterion) {
    let mut memory = vec![0_u8; RING];
    let mut group = criterion.benchmark_group("draw_448");
    let picture = 448 * 448 * 3;
    let mut shade = 0_u8;
    ring(&mut group, BenchmarkId::from_parameter("fill"), &mut memory, picture, |_, out| {
        shade = shade.wrapping_add(1);
        out.fill(black_box(shade));
    });
    for (task, level, ..) in cases() {
        for (name, theme) in [("paper", Theme::Paper), ("varied", Theme::Varied), ("compact", Theme::Compact)] {
            let addresses = addresses(task, level, SAMPLES);
            let scenes: Vec<_> = addresses.iter().map(|address| address.resolve().scene()).collect();
            let id = BenchmarkId::new(format!("{task}/{level}"), name);
            ring(&mut group, id, &mut memory, picture, |i, out| {
                let i = i % SAMPLES;
                with_renderer(448, 448, theme, |renderer| {
                    renderer.draw(&scenes[i], addresses[i].stream(Stream::Look), out);
                })
                .expect("the size is allowed");
            });
        }
    }
    group.finish();

    let mut group = criterion.benchmark_group("address_to_448");
    for (task, level, ..) in cases() {
        let addresses = addresses(task, level, 1 << 14);
        let id = BenchmarkId::from_parameter(format!("{task}/{level}"));
        ring(&mut group, id, &mut memory, picture, |i, out| {
            let address = &addresses[i % addresses.len()];
            with_renderer(448, 448, Theme::Paper, |renderer| {
                renderer.draw(&address.resolve().scene(), address.stream(Stream::Look), out);
            })
            .expect("the size is allowed");
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("whole_item");
    for (task, level, height, width) in cases() {
        let addresses = addresses(task, level, 1 << 14);
        let id = BenchmarkId::from_parameter(format!("{task}/{level}"));
        ring(&mut group, id, &mut memory, height * width * 3, |i, out| {
            let address = &addresses[i % addresses.len()];
            let instance = address.resolve();
            black_box(said(&*instance));
            with_renderer(height, width, Theme::Paper, |renderer| {
                renderer.draw(&instance.scene(), address.stream(Stream::Look), out);
            })
            .expect("the size is allowed");
        });
    }
    group.finish();
}

/// Files from addresses, and what drawing them as indices takes of that: tables and boards.
fn files(criterion: &mut Criterion) {
    let mut rows = vec![0; 448 * 449];
    for (task, level, ..) in cases().filter(|(task, ..)| board::tasks().contains(task)) {
        for (name, theme) in [("paper", Theme::Paper), ("varied", Theme::Varied)] {
            let addresses = addresses(task, level, SAMPLES);
            let mut group = criterion.benchmark_group(format!("png_448/{task}/{level}/{name}"));
            group.throughput(Throughput::Elements(1));
            let mut next = addresses.chunks(1).cycle();
            group.bench_function("file", |bencher| {
                bencher.iter(|| encode(next.next().expect("it goes round"), [448; 2], theme, Encoding::Png));
            });
            let mut next = addresses.iter().cycle();
            group.bench_function("drawn", |bencher| {
                bencher.iter(|| {
                    let address = next.next().expect("it goes round");
                    let (scene, look) = (address.resolve().scene(), address.stream(Stream::Look));
                    with_renderer(448, 448, theme, |renderer| renderer.draw_indices(&scene, look, &mut rows).is_some())
                });
            });
            group.finish();
        }
    }
}

/// Everything an instance says.
fn said(instance: &dyn Instance) -> [String; 4] {
    let mut question = String::with_capacity(512);
    let mut twin = String::with_capacity(1024);
    let mut answer = String::with_capacity(64);
    instance.question(&mut question);
    instance.twin(&mut twin);
    instance.answer(&mut answer);
    [question, twin, instance.rationale().text, answer]
}

fn words(criterion: &mut Criterion) {
    for name in ["instance", "words"] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        for (task, level, ..) in cases() {
            let addresses = addresses(task, level, 1 << 14);
            let mut i = 0;
            group.bench_function(BenchmarkId::from_parameter(format!("{task}/{level}")), |bencher| {
                bencher.iter(|| {
                    i = (i + 1) % addresses.len();
                    if name == "instance" {
                        black_box(addresses[i].resolve());
                    } else {
                        black_box(batch::words(&addresses[i..=i]));
                    }
                });
            });
        }
        group.finish();
    }
}

fn verdicts(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be spawned");
    for (task, level, ..) in cases() {
        let addresses = addresses(task, level, 4096);
        let words = batch::words(&addresses);
        let answers: Vec<String> = words.iter().map(|words| format!("Answer: {}", words.answer)).collect();

        let mut group = criterion.benchmark_group("verify_short");
        group.throughput(Throughput::Elements(addresses.len() as u64));
        // 64 addresses, 64 replies each, as a trainer that samples groups has them.
        let (repeated, replies): (Vec<_>, Vec<_>) =
            (0..4096).map(|i| (addresses[i / 64].clone(), answers[i / 64].as_str())).unzip();
        group.bench_function(BenchmarkId::new("repeated", format!("{task}/{level}")), |bencher| {
            bencher.iter(|| pool.install(|| batch::verify(&repeated, &replies, Answers::Any)));
        });
        group.bench_function(BenchmarkId::new("new", format!("{task}/{level}")), |bencher| {
            bencher.iter(|| pool.install(|| batch::verify(&addresses, &answers, Answers::Any)));
        });
        group.finish();

        let mut group = criterion.benchmark_group("verify_steps");
        let (repeated, replies): (Vec<_>, Vec<_>) =
            (0..4096).map(|i| (addresses[i / 64].clone(), words[i / 64].rationale.as_str())).unzip();
        group.throughput(Throughput::Bytes(replies.iter().map(|reply| reply.len() as u64).sum()));
        group.bench_function(BenchmarkId::from_parameter(format!("{task}/{level}")), |bencher| {
            bencher.iter(|| pool.install(|| batch::verify(&repeated, &replies, Answers::Any)));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    targets = pictures, files, words, verdicts
}
criterion_main!(benches);
