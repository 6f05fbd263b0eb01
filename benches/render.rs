//! Pictures a second on one core, scenes at hand, into a ring of 256 pictures (far larger than any cache), beside
//! a plain fill and a plain copy of the same ring. `cargo bench --bench render`.

#[path = "../rust_core/tests/scenes/mod.rs"]
mod scenes;

use std::{hint::black_box, time::Duration};

use _core::{
    render::{Renderer, Theme},
    scene::{Cell, Fill, Mark, Scene},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scenes::{analogy, board, stream, table};

/// Tables of Table Readout's sizes, words in them; boards of Grid Navigation's; analogies.
fn tables() -> Vec<Scene> {
    let sizes = (0..256).map(|i| table(7 + i % 6, 7 + i / 6 % 4, true, i as u64));
    sizes.map(Scene::Sheet).collect()
}

fn boards() -> Vec<Scene> {
    let sizes = (0..256).map(|i| board(8 + i % 5, 8 + i / 5 % 5, false, i as u64));
    sizes.map(Scene::Sheet).collect()
}

fn analogies() -> Vec<Scene> {
    (0..256).map(|i| Scene::Panels(analogy(2, 4, i))).collect()
}

fn rungs() -> Vec<Scene> {
    (0..256).map(|i| Scene::Sheet(board(3, 3, false, i))).collect()
}

type Make = fn() -> Vec<Scene>;

fn pictures(c: &mut Criterion) {
    for (height, width) in [(448, 448), (800, 1500), (1000, 1000), (900, 800), (112, 112)] {
        let bytes = height * width * 3;
        let count = if bytes > 1 << 20 { 64 } else { 256 };
        let mut ring = vec![1_u8; bytes * count];
        let other = vec![2_u8; bytes * count];
        let mut group = c.benchmark_group(format!("{height}x{width}"));
        group.throughput(Throughput::Elements(1)).warm_up_time(Duration::from_secs(1));
        group.measurement_time(Duration::from_secs(3)).sample_size(20);
        let mut at = 0;
        group.bench_function("fill", |b| {
            b.iter(|| {
                at = (at + 1) % count;
                ring[at * bytes..][..bytes].fill(black_box(at as u8));
            });
        });
        group.bench_function("copy", |b| {
            b.iter(|| {
                at = (at + 1) % count;
                ring[at * bytes..][..bytes].copy_from_slice(black_box(&other[at * bytes..][..bytes]));
            });
        });
        let kinds: [(&str, Theme, Make); 9] = [
            ("tables", Theme::Paper, tables),
            ("boards", Theme::Paper, boards),
            ("analogies", Theme::Paper, analogies),
            ("tables varied", Theme::Varied, tables),
            ("boards varied", Theme::Varied, boards),
            ("analogies varied", Theme::Varied, analogies),
            ("tables compact", Theme::Compact, tables),
            ("boards compact", Theme::Compact, boards),
            ("3x3 boards compact", Theme::Compact, rungs),
        ];
        for (name, theme, make) in kinds {
            let at_paper = [("tables", 1500), ("boards", 1000), ("analogies", 800)].contains(&(name, width));
            if !(at_paper || width == 448 || (width == 112 && theme == Theme::Compact)) {
                continue;
            }
            let scenes = make();
            let mut renderer = Renderer::new(height, width, theme).expect("the size is in range");
            group.bench_function(name, |b| {
                b.iter(|| {
                    at = (at + 1) % (count * scenes.len());
                    let out = &mut ring[at % count * bytes..][..bytes];
                    renderer.draw(&scenes[at % scenes.len()], stream(at as u64), out);
                });
            });
        }
        group.finish();
    }
}

fn cells(c: &mut Criterion) {
    let mut group = c.benchmark_group("one cell of 448x448");
    group.throughput(Throughput::Elements(1));
    for (name, theme) in [("paper", Theme::Paper), ("varied", Theme::Varied), ("compact", Theme::Compact)] {
        let mut sheet = board(10, 10, true, 3);
        let mut renderer = Renderer::new(448, 448, theme).expect("the size is in range");
        let mut out = vec![0; 448 * 448 * 3];
        renderer.draw_sheet(&sheet, stream(0), &mut out);
        let mut at = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                at = (at + 37) % 100;
                sheet.cells[at] = Cell { mark: Mark::Walker, fill: Fill::Plain };
                renderer.draw_cell(&sheet, at / 10, at % 10, stream(0), &mut out);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pictures, cells);
criterion_main!(benches);
