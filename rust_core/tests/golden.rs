//! Every task against `tests/golden/<task>.snap`: words in full, pictures by hash. The Python tests
//! read the same files, so crate and wheel, debug and release tell one story.

use std::fmt::Write;

use _core::{
    address::Address,
    batch,
    render::{THEMES, Theme},
    tasks,
};

/// (height, width) in pixels: the smallest, a square one, and one that is neither.
const SIZES: [(usize, usize); 3] = [(64, 64), (448, 448), (400, 750)];

/// The 64-bit FNV-1a hash, written out here so that the files need no code of the core's to check.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Wordings that have their own forms of an answer; the others are of one form with the levels'.
const REWORDED: [&str; 4] = [
    "consecutive_table_readout/simple?answer=cells",
    "consecutive_table_readout/rung0?answer=cells",
    "table_readout/simple?answer=cells",
    "table_readout/rung0?answer=cells",
];

fn portrait(task: &str) -> String {
    let mut story = String::new();
    let levels = tasks::levels(task).expect("the task is registered");
    for level in levels.iter().copied().chain(REWORDED.iter().filter_map(|setting| of_task(task, setting))) {
        for place in ["train:0:0", "test:18446744073709551615:1"] {
            let name = format!("{task}/{level}#{place}");
            let address: Address = name.parse().expect("the level is there");
            let addresses = [address];
            let words = &batch::words(&addresses)[0];
            let w = &mut story;
            let _ = writeln!(w, "== {name}\n{}\n--\n{}\n--\n{}", words.question, words.twin, words.rationale);
            let _ = writeln!(w, "content {:032x}", words.content);
            for theme in THEMES {
                let theme_named = Theme::named(theme).expect("the theme is there");
                let hashes = SIZES.map(|(height, width)| {
                    let mut out = vec![0; height * width * 3];
                    batch::render(&addresses, height, width, theme_named, &mut out).expect("the size is allowed");
                    format!("{:016x}", fnv1a(&out))
                });
                let _ = writeln!(w, "{theme} {}", hashes.join(" "));
            }
            story.push('\n');
        }
    }
    story
}

/// The level and the overrides of a setting, if it is one of the task.
fn of_task<'a>(task: &str, setting: &'a str) -> Option<&'a str> {
    setting.strip_prefix(task)?.strip_prefix('/')
}

#[test]
fn every_task_matches_its_golden_file() {
    for &task in tasks::IDS {
        insta::with_settings!({
            snapshot_path => "../../tests/golden",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!(task, portrait(task)) });
    }
}
