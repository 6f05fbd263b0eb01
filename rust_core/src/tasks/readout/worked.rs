//! The way to the answer, step by step.

use crate::{
    rationale::{Rationale, Worked, push_number},
    task::Style,
    verdict::Skill,
};

use super::{
    names::Names,
    problem::{Answer, Ask, Order, Readout, Spelling},
    table,
};

/// Numbers of rows and columns, as people count.
pub(super) const COUNTED: [&str; 17] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

impl Spelling {
    /// The ten digits.
    pub(super) fn digits(self) -> &'static [&'static str; 10] {
        match self {
            Self::Digits => &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            Self::Words => &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
            Self::Capitals => &["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"],
        }
    }
}

/// Writes a step.
fn step(worked: &mut Rationale, skill: Skill, write: impl FnOnce(&mut String)) {
    let start = worked.text.len() as u32;
    write(&mut worked.text);
    worked.steps.push(Worked { start, end: worked.text.len() as u32, skill });
}

impl Readout {
    pub(super) fn worked(&self) -> Rationale {
        let length = self.path.len();
        let line = match (self.wording.style, self.wording.names) {
            (Style::Full, _) => 48,
            (Style::Terse, Names::Full) => 26,
            (Style::Terse, Names::Short | Names::Letters) => 10,
        };
        let mut worked = Rationale {
            text: String::with_capacity(length * (line + 7) + 128),
            steps: Vec::with_capacity(2 * length + 3),
        };
        if self.wording.style == Style::Full {
            self.work_header(&mut worked);
        }
        if self.lists_cells() {
            worked.text.push_str("Answer: ");
            self.work_list(&mut worked);
            return worked;
        }
        for &cell in &self.path {
            self.work_cell(cell, &mut worked);
        }
        if self.wording.ask == Ask::Total {
            step(&mut worked, Skill::ApplyRule, |text| {
                text.push_str("Sum: ");
                self.push_digits(self.wording.spelling, " + ", text);
                text.push_str(" = ");
                push_number(text, self.total as usize);
            });
            worked.text.push('\n');
        }
        step(&mut worked, Skill::Conclude, |text| {
            text.push_str("Answer: ");
            self.write_answer(text);
        });
        worked
    }

    pub(super) fn write_answer(&self, out: &mut String) {
        self.write_listed(self.wording.answer, out);
    }

    /// The answer, its list written like that.
    pub(super) fn write_listed(&self, answer: Answer, out: &mut String) {
        match (self.wording.ask, answer) {
            (Ask::Total, _) => push_number(out, self.total as usize),
            (Ask::List, Answer::Digits) => self.push_digits(Spelling::Digits, ", ", out),
            (Ask::List, Answer::Cells) => {
                let mut listed = Rationale::default();
                self.work_list(&mut listed);
                out.push_str(&listed.text);
            }
        }
    }

    /// The cells with their digits, of which every part is a step.
    fn work_list(&self, worked: &mut Rationale) {
        for (at, (&cell, digit)) in self.path.iter().zip(self.values()).enumerate() {
            worked.text.push_str(if at > 0 { ", " } else { "" });
            step(worked, Skill::NextCell, |text| self.push_place(cell, " ", text));
            worked.text.push(' ');
            step(worked, Skill::Read, |text| text.push_str(COUNTED[usize::from(digit)]));
        }
    }

    fn push_digits(&self, spelling: Spelling, between: &str, out: &mut String) {
        let digits = spelling.digits();
        for (at, digit) in self.values().enumerate() {
            if at > 0 {
                out.push_str(between);
            }
            out.push_str(digits[usize::from(digit)]);
        }
    }

    fn work_header(&self, worked: &mut Rationale) {
        let (start, end) = self.ends();
        worked.text.push_str("The path leads ");
        step(worked, Skill::Locate, |text| {
            text.push_str("from ");
            self.push_end(start, text);
            text.push_str(" to ");
            self.push_end(end, text);
        });
        worked.text.push_str(".\n");
    }

    /// An end of the path in a sentence, where two letters could be a word (`of`).
    fn push_end(&self, cell: u8, out: &mut String) {
        match (self.wording.order, self.wording.names) {
            (Order::Column, _) => self.push_column_and_row(cell, ", ", out),
            (Order::Row | Order::Value, Names::Letters) => self.push_row_and_column(cell, out),
            (Order::Row | Order::Value, Names::Full | Names::Short) => self.push_place(cell, ", ", out),
        }
    }

    /// A cell's name by the column first; of two bare letters the first would be taken for the row.
    fn push_column_and_row(&self, cell: u8, between: &str, out: &mut String) {
        let (row, column) = self.names_at(cell);
        let words = if self.wording.names == Names::Letters { ["column ", "row "] } else { [""; 2] };
        for part in [words[0], column, between, words[1], row] {
            out.push_str(part);
        }
    }

    /// A cell by number and name, as whole sentences have it.
    fn push_counted(&self, [row_word, column_word]: [&str; 2], cell: u8, out: &mut String) {
        let (row, column) = self.names_at(cell);
        let row = [row_word, COUNTED[table::row(cell) + 1], " ", row];
        let column = [column_word, COUNTED[table::column(cell) + 1], " ", column];
        let (first, second) = if self.wording.order == Order::Column { (column, row) } else { (row, column) };
        for part in first.into_iter().chain(second) {
            out.push_str(part);
        }
    }

    fn work_cell(&self, cell: u8, worked: &mut Rationale) {
        let wording = &self.wording;
        let digit = wording.spelling.digits()[usize::from(self.table.values[usize::from(cell)])];
        let value_first = wording.order == Order::Value;
        if value_first {
            step(worked, Skill::Read, |text| text.push_str(digit));
            worked.text.push_str(if wording.style == Style::Full { " at " } else { " " });
        }
        step(worked, Skill::NextCell, |text| match (wording.style, wording.order) {
            (Style::Terse, Order::Column) => self.push_column_and_row(cell, " ", text),
            (Style::Terse, Order::Row | Order::Value) => self.push_place(cell, " ", text),
            (Style::Full, Order::Row) => self.push_counted(["Row ", ", column "], cell, text),
            (Style::Full, Order::Column) => self.push_counted([", row ", "Column "], cell, text),
            (Style::Full, Order::Value) => self.push_counted(["row ", ", column "], cell, text),
        });
        if !value_first {
            worked.text.push_str(if wording.style == Style::Full { ": " } else { " " });
            step(worked, Skill::Read, |text| text.push_str(digit));
        }
        worked.text.push('\n');
    }
}
