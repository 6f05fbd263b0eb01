//! The problem in words.

use crate::{scene::Fill, task::Style};

use super::{
    names::Names,
    problem::{Ask, Ends, Family, Readout},
    table,
};

/// What stands before a digit and after it, per ground of its cell.
const LATEX: [[&str; 10]; 4] = [
    [" & 0", " & 1", " & 2", " & 3", " & 4", " & 5", " & 6", " & 7", " & 8", " & 9"],
    [" & 0 *", " & 1 *", " & 2 *", " & 3 *", " & 4 *", " & 5 *", " & 6 *", " & 7 *", " & 8 *", " & 9 *"],
    [" & 0 S", " & 1 S", " & 2 S", " & 3 S", " & 4 S", " & 5 S", " & 6 S", " & 7 S", " & 8 S", " & 9 S"],
    [" & 0 E", " & 1 E", " & 2 E", " & 3 E", " & 4 E", " & 5 E", " & 6 E", " & 7 E", " & 8 E", " & 9 E"],
];

impl Readout {
    pub(super) fn names_at(&self, cell: u8) -> (&'static str, &'static str) {
        (self.row_name(table::row(cell)), self.column_name(table::column(cell)))
    }

    /// A cell's name; letters stand together.
    pub(super) fn push_place(&self, cell: u8, between: &str, out: &mut String) {
        let (row, column) = self.names_at(cell);
        out.push_str(row);
        if self.wording.names != Names::Letters {
            out.push_str(between);
        }
        out.push_str(column);
    }

    pub(super) fn push_row_and_column(&self, cell: u8, out: &mut String) {
        let (row, column) = self.names_at(cell);
        out.push_str("row ");
        out.push_str(row);
        out.push_str(", column ");
        out.push_str(column);
    }

    pub(super) fn ends(&self) -> (u8, u8) {
        (self.path[0], self.path[self.path.len() - 1])
    }

    pub(super) fn write_question(&self, out: &mut String) {
        let (start, end) = self.ends();
        let total = self.wording.ask == Ask::Total;
        if self.wording.style == Style::Terse {
            // Not "from": an echo of the question is no step.
            out.push_str(if total { "Add up the path (*): " } else { "Read the path (*): " });
            match self.wording.ends {
                Ends::Marked => out.push_str("green (S) to orange (E)"),
                Ends::Named => {
                    self.push_place(start, " ", out);
                    out.push_str(" to ");
                    self.push_place(end, " ", out);
                }
            }
            if self.lists_cells() {
                // Behind the ends: before them, its digit would be one that is read there.
                out.push_str(", as \"");
                self.example(out);
                out.push('"');
            }
            out.push('.');
            return;
        }
        out.push_str(
            "Each cell of the table holds a digit. Some cells are highlighted (as text: marked *) and form one path. ",
        );
        out.push_str(match self.family {
            Family::Consecutive => {
                "The path runs along the rows from left to right, each row followed by the next one below, or exactly \
                 the other way round. "
            }
            _ => "Each cell of the path is a neighbour, to the left or right, above or below, of the one before it. ",
        });
        match self.wording.ends {
            Ends::Marked => {
                out.push_str("It starts at the green cell, written S, and ends at the orange cell, written E.\n");
            }
            Ends::Named => {
                out.push_str("It starts at ");
                self.push_row_and_column(start, out);
                out.push_str(" and ends at ");
                self.push_row_and_column(end, out);
                out.push_str(".\n");
            }
        }
        if self.lists_cells() {
            out.push_str(
                "Which cells form the path, in order from its start to its end, and which digit stands in each? Go \
                 through the path cell by cell, in one line that begins with \"Answer:\" and gives the name of each cell \
                 and its digit, separated by commas, as in \"",
            );
            let [row, column] = self.example(out);
            for part in ["\" for the digit 7 in row ", row, " and column ", column, "."] {
                out.push_str(part);
            }
            return;
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

    /// Writes a cell with the digit 7 as an answer lists it, and gives its names. No table has it: an echo of the question
    /// says nothing.
    fn example(&self, out: &mut String) -> [&'static str; 2] {
        let (between, names) = match self.wording.names {
            Names::Letters => ("", ["x", "y"]),
            Names::Full | Names::Short => (" ", ["Anvil", "Monday"]),
        };
        for part in [names[0], between, names[1], " 7"] {
            out.push_str(part);
        }
        names
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
}
