//! What makes a readout hard, and which policies succeed without the skill.

use super::{
    problem::{Family, Readout},
    table::{self, CELLS, STRIDE},
};

impl Readout {
    fn lines(&self, line: impl Fn(u8) -> usize) -> ([usize; 16], f64) {
        let mut counts = [0; 16];
        for &cell in &self.path {
            counts[line(cell)] += 1;
        }
        let revisits = self.path.iter().zip(self.path.iter().skip(1)).filter(|(a, b)| line(**a) != line(**b)).count();
        let visited = counts.iter().filter(|&&count| count > 0).count();
        (counts, (revisits + 1 - visited) as f64)
    }

    pub(super) fn difficulty(&self) -> Vec<(&'static str, f64)> {
        let table = &self.table;
        let (columns, column_returns) = self.lines(table::column);
        let (rows, row_returns) = self.lines(table::row);
        let steps: Vec<i32> = self.path.windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0])).collect();
        let is = |truth: bool| f64::from(u8::from(truth));
        let mut features = vec![
            ("cells", self.path.len() as f64),
            ("rows", table.rows as f64),
            ("columns", table.columns as f64),
            ("distractors", (table.rows * table.columns - self.path.len()) as f64),
            ("repeated_columns", columns.iter().filter(|&&count| count > 1).count() as f64),
            ("repeated_rows", rows.iter().filter(|&&count| count > 1).count() as f64),
            ("column_returns", column_returns),
            ("row_returns", row_returns),
            ("total", self.total.into()),
            ("reversed", is(self.reversed)),
        ];
        if self.family == Family::Consecutive {
            let wraps = self.path.windows(2).filter(|pair| table::row(pair[0]) != table::row(pair[1])).count();
            features.push(("wraps", wraps as f64));
        } else {
            let turns = steps.windows(2).filter(|pair| pair[0] != pair[1]).count();
            features.extend([
                ("turns", turns as f64),
                ("pieces", (turns + 1) as f64),
                ("family_random", is(self.family == Family::Random)),
                ("family_sine", is(self.family == Family::Sine)),
                ("family_spiral", is(self.family == Family::Spiral)),
                ("family_compositional", is(self.family == Family::Compositional)),
            ]);
        }
        features
    }

    /// Chances, each of a policy that lacks one part of the skill:
    /// * `column_only` knows the path's columns in order and not its rows: it reads each column's
    ///   highlighted cells in random order, each once. Certain where no column is visited twice.
    /// * `row_only` is the same with rows for columns.
    /// * `row_major` reads all highlighted cells as one reads a page.
    /// * `first_neighbour` starts at the first highlighted cell of the page and goes on to an unread
    ///   highlighted neighbour: right, else below, else left, else above.
    /// * `either_end` follows the path rightly, and tosses a coin for the end to start from.
    /// * `guess` sees no table: it says random digits.
    ///
    /// They are chances of the digits in order, whatever is asked: that is wording. Sums do not depend on the order, so
    /// where they are asked whoever reads every highlighted cell is right.
    pub(super) fn lucky(&self) -> Vec<(&'static str, f64)> {
        let table = &self.table;
        let truth: Vec<u8> = self.values().collect();
        let is = |truth: bool| f64::from(u8::from(truth));
        let mut page = self.path.clone();
        page.sort_unstable();
        let right = |cells: &[u8]| {
            is(cells.len() == truth.len()
                && cells.iter().zip(&truth).all(|(&cell, &value)| table.values[usize::from(cell)] == value))
        };
        let backwards: Vec<u8> = self.path.iter().rev().copied().collect();
        vec![
            ("column_only", self.shuffled(table::column)),
            ("row_only", self.shuffled(table::row)),
            ("row_major", right(&page)),
            ("first_neighbour", right(&self.wander(page[0]))),
            ("either_end", f64::midpoint(1.0, right(&backwards))),
            ("guess", truth.iter().fold(1.0, |chance, _| chance / 10.0)),
        ]
    }

    /// The chance that each line's cells, read in random order, give the right digits.
    fn shuffled(&self, line: impl Fn(u8) -> usize) -> f64 {
        let mut counts = [[0_u32; 10]; 16];
        let mut chance = 1.0;
        let mut seen = [0_u32; 16];
        // n! orders, of which those that swap equal digits are right: a product of quotients.
        for (&cell, value) in self.path.iter().zip(self.values()) {
            let line = line(cell);
            seen[line] += 1;
            counts[line][usize::from(value)] += 1;
            chance *= f64::from(counts[line][usize::from(value)]) / f64::from(seen[line]);
        }
        chance
    }

    fn wander(&self, from: u8) -> Vec<u8> {
        let mut read = [false; CELLS];
        let mut cells = vec![from];
        let mut at = from;
        loop {
            read[usize::from(at)] = true;
            // A table is narrower than a stride, so no step leads round its edge.
            let neighbours =
                [at.checked_add(1), at.checked_add(STRIDE as u8), at.checked_sub(1), at.checked_sub(STRIDE as u8)];
            let open = |&cell: &u8| self.place[usize::from(cell)] > 0 && !read[usize::from(cell)];
            match neighbours.into_iter().flatten().find(open) {
                Some(next) => {
                    at = next;
                    cells.push(next);
                }
                None => return cells,
            }
        }
    }
}
