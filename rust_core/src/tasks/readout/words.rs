//! The problem, its answer and the way there, in words.

use crate::{
    rationale::{Rationale, Worked, push_number},
    scene::Fill,
    task::Style,
    verdict::Skill,
};

use super::{Ask, Ends, Family, Readout, names::Names, table};

/// Numbers of rows and columns, as people count.
const COUNTED: [&str; 17] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

/// What stands before a digit and after it, per ground of its cell.
const LATEX: [[&str; 10]; 4] = [
    [" & 0", " & 1", " & 2", " & 3", " & 4", " & 5", " & 6", " & 7", " & 8", " & 9"],
    [" & 0 *", " & 1 *", " & 2 *", " & 3 *", " & 4 *", " & 5 *", " & 6 *", " & 7 *", " & 8 *", " & 9 *"],
    [" & 0 S", " & 1 S", " & 2 S", " & 3 S", " & 4 S", " & 5 S", " & 6 S", " & 7 S", " & 8 S", " & 9 S"],
    [" & 0 E", " & 1 E", " & 2 E", " & 3 E", " & 4 E", " & 5 E", " & 6 E", " & 7 E", " & 8 E", " & 9 E"],
];

/// Adds a span of the text as a step.
fn mark(worked: &mut Rationale, start: usize, skill: Skill) {
    worked.steps.push(Worked { start: start as u32, end: worked.text.len() as u32, skill });
}

impl Readout {
    fn names_at(&self, cell: u8) -> (&'static str, &'static str) {
        (self.row_name(table::row(cell)), self.column_name(table::column(cell)))
    }

    /// An end of the path in a sentence, where two letters could be a word (`of`).
    fn push_end(&self, cell: u8, out: &mut String) {
        match self.wording.names {
            Names::Full | Names::Short => self.push_place(cell, ", ", out),
            Names::Letters => self.push_row_and_column(cell, out),
        }
    }

    /// A cell's name; letters stand together.
    fn push_place(&self, cell: u8, between: &str, out: &mut String) {
        let (row, column) = self.names_at(cell);
        out.push_str(row);
        if self.wording.names != Names::Letters {
            out.push_str(between);
        }
        out.push_str(column);
    }

    fn push_row_and_column(&self, cell: u8, out: &mut String) {
        let (row, column) = self.names_at(cell);
        out.push_str("row ");
        out.push_str(row);
        out.push_str(", column ");
        out.push_str(column);
    }

    fn ends(&self) -> (u8, u8) {
        (self.path[0], self.path[self.path.len() - 1])
    }

    pub(super) fn write_question(&self, out: &mut String) {
        let (start, end) = self.ends();
        let total = self.wording.ask == Ask::Total;
        if self.wording.style == Style::Terse {
            out.push_str(if total { "Add up the path" } else { "Read the path" });
            if self.wording.ends == Ends::Named {
                // Not "from": an echo of the question is no step.
                out.push_str(": ");
                self.push_place(start, " ", out);
                out.push_str(" to ");
                self.push_place(end, " ", out);
            }
            out.push('.');
            return;
        }
        out.push_str("Each cell of the table holds a digit. Some cells are highlighted and form one path. ");
        out.push_str(match self.family {
            Family::Consecutive => {
                "The path runs along the rows from left to right, each row followed by the next one below, or exactly \
                 the other way round. "
            }
            _ => "Each cell of the path is a neighbour, to the left or right, above or below, of the one before it. ",
        });
        match self.wording.ends {
            Ends::Marked => out.push_str("Its start and its end are marked.\n"),
            Ends::Named => {
                out.push_str("It starts at ");
                self.push_row_and_column(start, out);
                out.push_str(" and ends at ");
                self.push_row_and_column(end, out);
                out.push_str(".\n");
            }
        }
        out.push_str(if total {
            "What is the sum of the digits along the path? "
        } else {
            "Which digits stand along the path, in order from its start to its end? "
        });
        out.push_str(
            "Go through the path cell by cell, then finish with a line that begins with \"Answer:\" and gives ",
        );
        out.push_str(if total { "the sum." } else { "the digits, separated by commas." });
    }

    pub(super) fn write_latex(&self, out: &mut String) {
        out.push_str("\\begin{tabular}{l");
        for _ in 0..self.table.columns {
            out.push('c');
        }
        out.push_str("}\n");
        for column in 0..self.table.columns {
            out.push_str(" & ");
            out.push_str(self.column_name(column));
        }
        out.push_str(" \\\\\n");
        for (row, digits) in self.table.digits().enumerate() {
            out.push_str(self.row_name(row));
            for (column, &digit) in digits.iter().enumerate() {
                out.push_str(self.cell(table::cell(row, column), digit));
            }
            out.push_str(" \\\\\n");
        }
        out.push_str("\\end{tabular}");
    }

    pub(super) fn write_markdown(&self, out: &mut String) {
        out.push_str("| ");
        for column in 0..self.table.columns {
            out.push_str(" | ");
            out.push_str(self.column_name(column));
        }
        out.push_str(" |\n|---");
        for _ in 0..self.table.columns {
            out.push_str("|---");
        }
        out.push('|');
        for (row, digits) in self.table.digits().enumerate() {
            out.push_str("\n| ");
            out.push_str(self.row_name(row));
            for (column, &digit) in digits.iter().enumerate() {
                out.push_str(" |");
                out.push_str(&self.cell(table::cell(row, column), digit)[2..]);
            }
            out.push_str(" |");
        }
    }

    fn cell(&self, cell: u8, digit: u8) -> &'static str {
        let ground = match self.fill(cell) {
            Fill::Plain => 0,
            Fill::Path => 1,
            Fill::Start => 2,
            Fill::Destination => 3,
        };
        LATEX[ground][usize::from(digit)]
    }

    pub(super) fn write_answer(&self, out: &mut String) {
        match self.wording.ask {
            Ask::Total => push_number(out, self.total as usize),
            Ask::List => self.push_digits(", ", out),
        }
    }

    fn push_digits(&self, between: &str, out: &mut String) {
        for (at, digit) in self.values().enumerate() {
            if at > 0 {
                out.push_str(between);
            }
            out.push(char::from(b'0' + digit));
        }
    }

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
        for &cell in &self.path {
            self.work_cell(cell, &mut worked);
        }
        if self.wording.ask == Ask::Total {
            let start = worked.text.len();
            worked.text.push_str("Sum: ");
            self.push_digits(" + ", &mut worked.text);
            worked.text.push_str(" = ");
            push_number(&mut worked.text, self.total as usize);
            mark(&mut worked, start, Skill::ApplyRule);
            worked.text.push('\n');
        }
        let start = worked.text.len();
        worked.text.push_str("Answer: ");
        self.write_answer(&mut worked.text);
        mark(&mut worked, start, Skill::Conclude);
        worked
    }

    fn work_header(&self, worked: &mut Rationale) {
        let (start, end) = self.ends();
        worked.text.push_str("The path leads ");
        let from = worked.text.len();
        worked.text.push_str("from ");
        self.push_end(start, &mut worked.text);
        worked.text.push_str(" to ");
        self.push_end(end, &mut worked.text);
        mark(worked, from, Skill::Locate);
        worked.text.push_str(".\n");
    }

    fn work_cell(&self, cell: u8, worked: &mut Rationale) {
        let (row, column) = (table::row(cell), table::column(cell));
        let start = worked.text.len();
        let text = &mut worked.text;
        let colon = match self.wording.style {
            Style::Terse => {
                self.push_place(cell, " ", text);
                " "
            }
            Style::Full => {
                text.push_str("Row ");
                text.push_str(COUNTED[row + 1]);
                text.push(' ');
                text.push_str(self.row_name(row));
                text.push_str(", column ");
                text.push_str(COUNTED[column + 1]);
                text.push(' ');
                text.push_str(self.column_name(column));
                ": "
            }
        };
        mark(worked, start, Skill::NextCell);
        worked.text.push_str(colon);
        let start = worked.text.len();
        worked.text.push(char::from(b'0' + self.table.values[usize::from(cell)]));
        mark(worked, start, Skill::Read);
        worked.text.push('\n');
    }
}
