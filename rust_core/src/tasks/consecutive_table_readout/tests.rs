//! Runs: their lengths, places and directions.

use crate::tasks::readout::tests::{at, feature, route};

const TASK: &str = "consecutive_table_readout";

fn refusal(parameters: &str) -> String {
    match crate::address::setting(&format!("{TASK}/{parameters}")) {
        Ok(setting) => panic!("{} is possible", setting.name),
        Err(error) => error.to_string(),
    }
}

/// The ancestor ignored its length flags, so that its levels were one distribution, and cut runs
/// off at the end of the table.
#[test]
fn lengths_are_honoured_and_no_run_is_cut() {
    for (level, low, high) in [("simple", 5, 10), ("medium", 15, 20), ("hard", 25, 30), ("rung0", 1, 8)] {
        let mut seen = vec![0; high + 1];
        for index in 0..1200 {
            let (.., cells, _) = route(&*at(&format!("{TASK}/{level}#train:0:{index}")));
            assert!((low..=high).contains(&cells.len()), "{level}: {}", cells.len());
            seen[cells.len()] += 1;
        }
        let share = 1200.0 / (high - low + 1) as f64;
        // Five standard deviations.
        assert!(seen[low..].iter().all(|&n| (f64::from(n) - share).abs() < 5.0 * share.sqrt()), "{level}: {seen:?}");
    }
    assert!(at(&format!("{TASK}/hard?cells=50#train:0:0")).features().contains(&("cells", 50.0)));
}

#[test]
fn runs_follow_the_rows_and_half_are_reversed() {
    let (mut backwards, mut first, mut last) = (0, 0, 0);
    for index in 0..1000 {
        let of = at(&format!("{TASK}/simple#test:1:{index}"));
        let (rows, columns, mut cells, reversed) = route(&*of);
        assert_eq!((rows, columns), (5, 10));
        if reversed {
            cells.reverse();
        }
        let numbers: Vec<usize> = cells.iter().map(|(row, column)| row * columns + column).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        let wraps = cells.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        assert!((feature(&*of, "wraps") - wraps as f64).abs() < 1e-9);
        backwards += usize::from(reversed);
        first += usize::from(numbers[0] == 0);
        last += usize::from(numbers.last() == Some(&49));
    }
    assert!(backwards.abs_diff(500) < 80 && first > 0 && last > 0, "{backwards} {first} {last}");
}

/// The ancestor's three evaluation sets shared one seed and were identical.
#[test]
fn levels_and_splits_share_no_table() {
    let twin = |address: String| {
        let mut out = String::new();
        at(&address).twin(&mut out);
        out
    };
    let mut tables = Vec::new();
    for level in ["simple", "medium", "hard"] {
        for split in ["train", "val", "test"] {
            tables.push(twin(format!("{TASK}/{level}#{split}:0:0")));
        }
    }
    tables.sort();
    tables.dedup();
    assert_eq!(tables.len(), 9);
}

#[test]
fn impossible_parameters_are_refused_by_name() {
    assert!(refusal("simple?cells=40-60").contains("cells=40-60"), "{}", refusal("simple?cells=40-60"));
    assert!(refusal("simple?cells=0-3").contains("cells=0-3"));
    assert!(refusal("simple?cells=8-5").contains("cells=8-5"));
    assert!(refusal("simple?rows=3-17").contains("rows=3-17"));
    assert!(refusal("simple?columns=13").contains("columns=13"));
    assert!(refusal("simple?reversed=1.5").contains("reversed=1.5"));
    assert!(refusal("simple?ask=product").contains("product"));
}
