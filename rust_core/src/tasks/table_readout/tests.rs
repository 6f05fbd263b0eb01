//! Paths: their shapes, lengths and places.

use super::walk::is_only_path;
use crate::tasks::readout::{
    table,
    tests::{at, feature, route},
};

const TASK: &str = "table_readout";

fn refusal(parameters: &str) -> String {
    match crate::address::setting(&format!("{TASK}/{parameters}")) {
        Ok(setting) => panic!("{} is possible", setting.name),
        Err(error) => error.to_string(),
    }
}

fn family(level: &str, index: u64) -> Vec<(usize, usize)> {
    route(&*at(&format!("{TASK}/{level}#train:0:{index}"))).2
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn statistics_are_the_papers() {
    // Level, cells on average (tasks.md: 16.7, 38.5, 45.7) and how far off is tolerated.
    for (level, cells, off) in [("simple", 16.7, 1.5), ("hard", 38.5, 4.0), ("hard_test", 45.7, 1.5)] {
        let all: Vec<_> = (0..1500).map(|index| at(&format!("{TASK}/{level}#train:0:{index}"))).collect();
        let lengths: Vec<f64> = all.iter().map(|of| feature(&**of, "cells")).collect();
        assert!((mean(&lengths) - cells).abs() < off, "{level}: {}", mean(&lengths));
        for of in &all {
            let (rows, columns, ..) = route(&**of);
            assert!((7..=12).contains(&rows) && (7..=10).contains(&columns));
        }
        let share = |name: &str| mean(&all.iter().map(|of| feature(&**of, name)).collect::<Vec<_>>());
        let shares = ["family_random", "family_sine", "family_spiral", "family_compositional"].map(share);
        let want = match level {
            "simple" => [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0],
            "hard" => [0.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0],
            _ => [0.0, 0.0, 0.0, 1.0],
        };
        assert!(shares.iter().zip(want).all(|(share, want)| (share - want).abs() < 0.07), "{level}: {shares:?}");
        if level == "hard_test" {
            assert!((share("turns") - 8.6).abs() < 0.6, "{}", share("turns"));
        }
    }
    let random: Vec<f64> = (0..600).map(|index| family("simple?families=random", index).len() as f64).collect();
    assert!((mean(&random) - 10.0).abs() < 0.7, "{}", mean(&random));
    let sine: Vec<f64> = (0..600).map(|index| family("simple?families=sine", index).len() as f64).collect();
    assert!((mean(&sine) - 17.0).abs() < 1.5, "{}", mean(&sine));
}

/// The ancestor's levels overlapped: up to 40 cells at SIMPLE, down to 13 at HARD.
#[test]
fn simple_and_hard_share_no_length() {
    for index in 0..1000 {
        assert!(family("simple", index).len() <= 30);
        assert!(family("hard", index).len() >= 31);
        assert!(family("hard_test", index).len() >= 31);
    }
}

/// The ancestor's paths never ended in the first row or column.
#[test]
fn paths_end_at_every_edge() {
    for level in ["simple", "hard", "hard_test", "rung0"] {
        let mut seen = [0; 4];
        for index in 0..1000 {
            let (rows, columns, cells, _) = route(&*at(&format!("{TASK}/{level}#train:2:{index}")));
            let (row, column) = cells[cells.len() - 1];
            for (edge, is) in [row == 0, row == rows - 1, column == 0, column == columns - 1].into_iter().enumerate() {
                seen[edge] += usize::from(is);
            }
        }
        assert!(seen.iter().all(|&n| n > 30), "{level}: {seen:?}");
    }
}

/// The ancestor ignored `gap` in one family, and was off by one at the first row and column.
#[test]
fn gaps_are_kept_in_every_family() {
    for family in ["random", "sine", "spiral", "compositional"] {
        for gap in [1, 2] {
            let pieces = "random=1-4&sine=3-5&spiral=3-5&compositional=3-6";
            let level = format!("simple?cells=2-60&families={family}&gap={gap}&{pieces}&random_cells=2-15");
            for index in 0..200 {
                let cells = self::family(&level, index);
                for (at, a) in cells.iter().enumerate() {
                    for (later, b) in cells.iter().enumerate().skip(at + gap + 1) {
                        let distance = a.0.abs_diff(b.0) + a.1.abs_diff(b.1);
                        assert!(distance > gap, "{level} {index}: cells {at} and {later} are {distance} apart");
                    }
                }
            }
        }
    }
    // Lanes of a full sine lie exactly one empty lane apart, the first row or column included.
    let cells = self::family("simple?families=sine&sine=5&inset=0&trim=0&cells=5-60&reversed=0", 0);
    let edge = cells.windows(2).next().unwrap();
    let lanes: std::collections::BTreeSet<usize> =
        cells.iter().map(|cell| if edge[0].0 == edge[1].0 { cell.0 } else { cell.1 }).collect();
    assert_eq!(lanes.len(), 5);
}

/// The ancestor's random family was not seeded.
#[test]
fn random_paths_are_seeded() {
    let once: Vec<_> = (0..50).map(|index| family("simple?families=random", index)).collect();
    let again: Vec<_> = (0..50).rev().map(|index| family("simple?families=random", index)).collect();
    assert!(once.iter().eq(again.iter().rev()));
    assert_ne!(once[0], once[1]);
}

/// Counts the ways through all cells from the first to the last.
fn ways(cells: &[(usize, usize)], at: usize, seen: &mut Vec<bool>, left: usize) -> usize {
    if left == 0 {
        return usize::from(at == cells.len() - 1);
    }
    let mut count = 0;
    for next in 0..cells.len() {
        let distance = cells[at].0.abs_diff(cells[next].0) + cells[at].1.abs_diff(cells[next].1);
        if distance == 1 && !seen[next] {
            seen[next] = true;
            count += ways(cells, next, seen, left - 1);
            seen[next] = false;
        }
    }
    count
}

#[test]
fn there_is_one_way_through_the_cells() {
    for level in ["simple", "hard", "hard_test", "rung0", "rung2", "rung4", "rung11"] {
        for index in 0..150 {
            let cells = family(level, index);
            let mut seen = vec![false; cells.len()];
            seen[0] = true;
            assert_eq!(ways(&cells, 0, &mut seen, cells.len() - 1), 1, "{level} {index}");
        }
    }
    let square = [(0, 0), (0, 1), (1, 1), (1, 0)].map(|(row, column)| table::cell(row, column));
    assert!(!is_only_path(&square) && is_only_path(&square[..3]) && is_only_path(&square[..1]));
    assert!(!is_only_path(&[table::cell(0, 0), table::cell(1, 1)]));
}

#[test]
fn pieces_are_as_many_as_asked_for() {
    for (name, low, high) in [("random", 2, 4), ("sine", 3, 4), ("spiral", 4, 5), ("compositional", 3, 6)] {
        let level = format!("simple?families={name}&{name}={low}-{high}&cells=4-40&random_cells=8-12");
        for index in 0..200 {
            let pieces = feature(&*at(&format!("{TASK}/{level}#train:0:{index}")), "pieces");
            assert!((low..=high).contains(&(pieces as usize)), "{level} {index}: {pieces}");
        }
    }
}

#[test]
fn low_rungs_mix_lengths_evenly() {
    for (level, low, high) in [("rung0", 1, 6), ("rung1", 1, 8), ("rung2", 2, 9), ("rung3", 1, 12)] {
        let mut seen = vec![0; high + 1];
        (0..1200).for_each(|index| seen[family(level, index).len()] += 1);
        let share = 1200.0 / (high - low + 1) as f64;
        assert!(seen[low..].iter().all(|&n| (f64::from(n) - share).abs() < 5.0 * share.sqrt()), "{level}: {seen:?}");
    }
}

#[test]
fn impossible_parameters_are_refused_by_name() {
    for (parameters, named) in [
        ("simple?rows=0-4", "rows=0-4"),
        ("simple?columns=7-13", "columns=7-13"),
        ("simple?cells=0-4", "cells=0-4"),
        ("simple?gap=0", "gap=0"),
        ("simple?families=zigzag", "zigzag"),
        ("simple?inset=9", "inset=9"),
        ("simple?cells=100-120", "random_cells=5-15 and cells=100-120"),
        ("simple?families=sine&cells=100-120", "sine=3-4 pieces with cells=100-120"),
        ("hard?rows=7&columns=7", "sine=8-10 pieces"),
        ("hard?gap=4", "gap=4"),
        ("simple?families=random&random=1&random_cells=15", "random=1-1 pieces with 15 cells"),
        ("rung0?rows=1&columns=1", "random=1-4 pieces with 6 cells"),
    ] {
        assert!(refusal(parameters).contains(named), "{}", refusal(parameters));
    }
    // A table of one cell has one path.
    assert_eq!(family("rung0?rows=1&columns=1&cells=1&random_cells=1", 0), [(0, 0)]);
}
