//! True sentences about a readout, as people write them: what a judge must not take amiss.

use super::super::{Readout, names::Names, problem::Spelling, table};

/// A problem, a cell of its path to speak of, and how the words are chosen.
pub struct Spoken<'a> {
    pub of: &'a Readout,
    /// The place on the path of the cell that is spoken of.
    pub at: usize,
    pub spelling: Spelling,
}

impl Spoken<'_> {
    /// The row's name, with the word "row" where it is a letter.
    pub fn row(&self, at: usize) -> String {
        let name = self.of.row_name(table::row(self.of.path[at]));
        if self.of.wording.names == Names::Letters { format!("row {name}") } else { name.to_owned() }
    }

    pub fn column(&self, at: usize) -> String {
        let name = self.of.column_name(table::column(self.of.path[at]));
        if self.of.wording.names == Names::Letters { format!("column {name}") } else { name.to_owned() }
    }

    /// The bare names.
    pub fn names(&self, at: usize) -> (&'static str, &'static str) {
        self.of.names_at(self.of.path[at])
    }

    pub fn numbers(&self, at: usize) -> (usize, usize) {
        (table::row(self.of.path[at]) + 1, table::column(self.of.path[at]) + 1)
    }

    /// The cell by its names: `Bee Jan`, `cb`.
    pub fn cell(&self, at: usize) -> String {
        let (row, column) = self.names(at);
        if self.of.wording.names == Names::Letters { format!("{row}{column}") } else { format!("{row} {column}") }
    }

    pub fn digit(&self, at: usize) -> &'static str {
        self.spelling.digits()[usize::from(self.of.value(at).unwrap())]
    }

    /// Another digit.
    pub fn other(&self, at: usize) -> &'static str {
        self.spelling.digits()[usize::from(self.of.value(at).unwrap() + 3) % 10]
    }

    pub fn last(&self) -> usize {
        self.of.path.len() - 1
    }

    /// The digits of some places, joined.
    pub fn digits(&self, places: std::ops::Range<usize>, between: &str) -> String {
        places.map(|at| self.digit(at)).collect::<Vec<_>>().join(between)
    }

    /// The places around this one that are in its row.
    pub fn group(&self) -> std::ops::Range<usize> {
        let row = |at: usize| table::row(self.of.path[at]);
        let is_same = |at: &usize| row(*at) == row(self.at);
        let start = (0..=self.at).rev().take_while(is_same).last().unwrap();
        let end = (self.at..self.of.path.len()).take_while(is_same).last().unwrap();
        start..end + 1
    }

    /// A cell that is not on the path.
    pub fn off(&self) -> Option<(String, u8)> {
        let of = self.of;
        let cell = (0..of.table.rows).flat_map(|row| (0..of.table.columns).map(move |column| table::cell(row, column)));
        let cell = cell.filter(|cell| of.place[usize::from(*cell)] == 0).nth(self.at % 3)?;
        let (row, column) = of.names_at(cell);
        let name =
            if of.wording.names == Names::Letters { format!("{row}{column}") } else { format!("{row} {column}") };
        Some((name, of.digit(cell)))
    }

    fn row_of_table(&self) -> String {
        let row = table::row(self.of.path[self.at]);
        let digits: Vec<String> = (0..self.of.table.columns)
            .map(|column| {
                let cell = table::cell(row, column);
                format!("{} {}", self.of.column_name(column), self.of.digit(cell))
            })
            .collect();
        format!("{}: {}", self.row(self.at), digits.join(", "))
    }
}

/// What is said of some places, joined.
pub fn list(places: std::ops::Range<usize>, say: impl Fn(usize) -> String, between: &str) -> String {
    places.map(say).collect::<Vec<_>>().join(between)
}

/// A sentence about a problem.
pub type Say = fn(&Spoken) -> String;

/// Each is true of every problem and place, whenever it is said.
pub const TRUE: &[(&str, Say)] = &[
    // Readings in other words.
    ("digit at", |s| format!("The digit at {} is {}.", s.cell(s.at), s.digit(s.at))),
    ("cell holds", |s| format!("Cell {} holds a {}.", s.cell(s.at), s.digit(s.at))),
    ("i see", |s| format!("I see {} at {}.", s.digit(s.at), s.cell(s.at))),
    ("passive", |s| format!("A {} is found at {}.", s.digit(s.at), s.cell(s.at))),
    ("there is", |s| format!("There is a {} in {}, {}.", s.digit(s.at), s.row(s.at), s.column(s.at))),
    ("equals", |s| format!("{}, {} = {}", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("brackets", |s| format!("({}, {}) -> {}", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("arrow", |s| format!("{} → {}", s.cell(s.at), s.digit(s.at))),
    ("in row", |s| format!("In {}, {} shows {}.", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("under", |s| format!("Under {}, {} has a value of {}.", s.column(s.at), s.row(s.at), s.digit(s.at))),
    ("reading off", |s| format!("Reading off {} gives {}.", s.cell(s.at), s.digit(s.at))),
    ("by number", |s| {
        let (row, column) = s.numbers(s.at);
        format!("Row {row}, column {column} contains {}.", s.digit(s.at))
    }),
    ("numbers in brackets", |s| {
        let (row, column) = s.numbers(s.at);
        format!("{} (row {row}), {} (column {column}): {}", s.names(s.at).0, s.names(s.at).1, s.digit(s.at))
    }),
    ("place on path", |s| {
        format!("Cell number {} of the path is {}, which is {}.", s.at + 1, s.cell(s.at), s.digit(s.at))
    }),
    ("ordinal", |s| {
        format!(
            "The {}th digit is {} ({}).",
            s.at + 4,
            s.digit((s.at + 3).min(s.last())),
            s.cell((s.at + 3).min(s.last()))
        )
    }),
    ("says", |s| format!("{} says {}, as I read it.", s.cell(s.at), s.digit(s.at))),
    ("the value", |s| format!("The value for {} in {} is {}", s.row(s.at), s.column(s.at), s.digit(s.at))),
    // Grouped and ranged.
    ("grouped", |s| {
        format!("{}: {}", s.row(s.at), list(s.group(), |at| format!("{} {}", s.names(at).1, s.digit(at)), ", "))
    }),
    ("grouped in words", |s| {
        let say = |at| format!("{} is {}", s.column(at), s.digit(at));
        format!("In {}, {}.", s.row(s.at), list(s.group(), say, " and "))
    }),
    ("grouped with equals", |s| {
        let say = |at| format!("{}={}", s.column(at), s.digit(at));
        format!("- **{}**: {}", s.row(s.at), list(s.group(), say, "; "))
    }),
    ("grouped digits first", |s| {
        let say = |at| format!("{} ({})", s.digit(at), s.column(at));
        format!("{}: {}", s.row(s.at), list(s.group(), say, ", "))
    }),
    ("row of digits", |s| format!("{} reads {}.", s.row(s.at), s.digits(s.group(), ", "))),
    ("range", |s| {
        let group = s.group();
        let (first, last) = (s.names(group.start).1, s.names(group.end - 1).1);
        format!("{} from {first} to {last}: {}", s.row(s.at), s.digits(group, ", "))
    }),
    ("range of cells", |s| {
        let group = s.group();
        format!("From {} to {}: {}", s.cell(group.start), s.cell(group.end - 1), s.digits(group, " "))
    }),
    ("range with a dash", |s| {
        let group = s.group();
        format!("{}, {}–{}: {}", s.row(s.at), s.names(group.start).1, s.names(group.end - 1).1, s.digits(group, ", "))
    }),
    ("listed cells", |s| {
        let group = s.group();
        format!("{} hold {}.", list(group.clone(), |at| s.cell(at), ", "), s.digits(group, ", "))
    }),
    ("lines under a heading", |s| {
        let say = |at| format!("- {}: {}", s.column(at), s.digit(at));
        format!("{}:\n{}", s.row(s.at), list(s.group(), say, "\n"))
    }),
    ("transcribed row", |s| s.row_of_table()),
    // Recaps.
    ("recap", |s| format!("So the digits so far are {}.", s.digits(0..s.at + 1, ", "))),
    ("recap with cells", |s| {
        let say = |at| format!("{} {}", s.cell(at), s.digit(at));
        format!("To recap: {}.", list(0..s.at + 1, say, ", "))
    }),
    ("all again", |s| format!("Putting them together: {}.", s.digits(0..s.last() + 1, " "))),
    ("list of cells", |s| format!("The path: {}.", list(0..s.last() + 1, |at| s.cell(at), " -> "))),
    ("count", |s| format!("The path has {} cells.", s.last() + 1)),
    ("count in row", |s| format!("{} cells of the path are in {}.", s.group().len(), s.row(s.at))),
    ("count up to", |s| format!("Number of cells from {} to {}: {}", s.cell(0), s.cell(s.at), s.at + 1)),
    ("read table", |s| {
        let say = |at| format!("| {} | {} | {} |", s.names(at).0, s.names(at).1, s.digit(at));
        format!("| row | column | digit |\n|---|---|---|\n{}", list(0..s.last() + 1, say, "\n"))
    }),
    // Plans, moves, places.
    ("plan", |s| format!("Next I will look at {}.", s.cell(s.at))),
    ("going to", |s| format!("I am going to read {} now.", s.cell(s.at))),
    ("planned digit", |s| format!("Later I will get to {}, which holds {}.", s.cell(s.last()), s.digit(s.last()))),
    ("move", |s| format!("From {} the path goes to {}.", s.cell(s.at), s.cell((s.at + 1).min(s.last())))),
    ("leads on", |s| format!("Now the path leads from {} to {}.", s.cell(s.at), s.cell((s.at + 1).min(s.last())))),
    ("comes after", |s| format!("After {} comes {}.", s.cell(s.at), s.cell((s.at + 1).min(s.last())))),
    ("digit after", |s| {
        let next = (s.at + 1).min(s.last());
        format!("The digit after {} is {}, at {}.", s.cell(s.at), s.digit(next), s.cell(next))
    }),
    ("start", |s| format!("The path starts at {}.", s.cell(0))),
    ("start holds", |s| format!("The start is {} and holds {}.", s.cell(0), s.digit(0))),
    ("end", |s| format!("The path ends at {} with {}.", s.cell(s.last()), s.digit(s.last()))),
    ("last cell", |s| format!("The last cell: {} {}", s.cell(s.last()), s.digit(s.last()))),
    ("both ends", |s| format!("It starts at {} and ends at {}.", s.cell(0), s.cell(s.last()))),
    ("neighbours", |s| format!("{} is next to {}.", s.cell((s.at + 1).min(s.last())), s.cell(s.at))),
    ("first person", |s| format!("I am at {} now.", s.cell(s.at))),
    ("highlighted", |s| format!("{} is highlighted.", s.cell(s.at))),
    // Negations and hedges.
    ("is not", |s| format!("{} is not {}.", s.cell(s.at), s.other(s.at))),
    ("isn't", |s| format!("{} isn't {}.", s.cell(s.at), s.other(s.at))),
    ("not but", |s| format!("{} holds {}, not {}.", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("rather than", |s| format!("{} is {} rather than {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("it is not so", |s| format!("It is not true that {}: {}", s.cell(s.at), s.other(s.at))),
    ("or", |s| format!("{} is {} or {}.", s.cell(s.at), s.other(s.at), s.digit(s.at))),
    ("maybe", |s| format!("{} is {}, maybe {}.", s.cell(s.at), s.other(s.at), s.digit(s.at))),
    ("question", |s| format!("What is at {}? Is it {}?", s.cell(s.at), s.other(s.at))),
    ("off the path", |s| {
        s.off().map_or(String::new(), |(cell, digit)| format!("{cell} ({digit}) is not on the path."))
    }),
    ("off the path, with digit", |s| {
        s.off().map_or(String::new(), |(cell, digit)| {
            format!("The digit at {cell} is {digit}, but it is not highlighted.")
        })
    }),
    // Sums under way.
    ("sum so far", |s| {
        let sum: u32 = (0..=s.at).map(|at| u32::from(s.of.value(at).unwrap())).sum();
        format!("The sum so far is {sum}.")
    }),
    ("running sum", |s| {
        let sum: u32 = (0..=s.at).map(|at| u32::from(s.of.value(at).unwrap())).sum();
        format!("Sum so far: {} = {sum}", s.digits(0..s.at + 1, " + "))
    }),
    ("sum of the row", |s| {
        let sum: u32 = s.group().map(|at| u32::from(s.of.value(at).unwrap())).sum();
        format!("{} adds up to {} = {sum}.", s.row(s.at), s.digits(s.group(), " + "))
    }),
    ("total", |s| format!("In total that makes {}.", s.of.total)),
];

/// Each denies or hedges that a cell holds its digit, true or not.
pub const DENIALS: &[(&str, Say)] = &[
    ("not", |s| format!("{} is not {}", s.cell(s.at), s.digit(s.at))),
    ("isn't", |s| format!("{} isn't {}.", s.cell(s.at), s.digit(s.at))),
    ("curly", |s| format!("{} isn’t {}.", s.cell(s.at), s.digit(s.at))),
    ("colon not", |s| format!("{}: not {}", s.cell(s.at), s.digit(s.at))),
    ("never", |s| format!("never {} {}", s.cell(s.at), s.digit(s.at))),
    ("no digit at", |s| format!("There is no {} at {}", s.digit(s.at), s.cell(s.at))),
    ("it is false", |s| format!("It is false that {}: {}", s.cell(s.at), s.digit(s.at))),
    ("unequal", |s| format!("{} != {}", s.cell(s.at), s.digit(s.at))),
    ("unequal sign", |s| format!("{} ≠ {}", s.cell(s.at), s.digit(s.at))),
    ("less", |s| format!("{} < {}", s.cell(s.at), s.digit(s.at))),
    ("about", |s| format!("{} ~ {}", s.cell(s.at), s.digit(s.at))),
    ("minus", |s| format!("{}: -{}", s.cell(s.at), s.digit(s.at))),
    ("anything but", |s| format!("{} is anything but {}", s.cell(s.at), s.digit(s.at))),
    ("far from", |s| format!("{} is far from {}", s.cell(s.at), s.digit(s.at))),
    ("maybe other", |s| format!("{} {} maybe {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("or", |s| format!("{} {} or {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("or before", |s| format!("{} or {} at {}", s.other(s.at), s.digit(s.at), s.cell(s.at))),
    ("comma", |s| format!("{} {}, {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("slash", |s| format!("{}: {}/{}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("dash", |s| format!("{} {}-{}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("brackets", |s| format!("{} {} ({})", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("and", |s| format!("{} {} and {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("dots", |s| format!("{} {}... {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("taken back", |s| format!("{} {}. No, {}.", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("second thought", |s| format!("{} {}; maybe {}", s.cell(s.at), s.digit(s.at), s.other(s.at))),
    ("said twice", |s| format!("{} {}, {} {}", s.cell(s.at), s.other(s.at), s.cell(s.at), s.digit(s.at))),
    ("all digits", |s| format!("{} 0, 1, 2, 3, 4, 5, 6, 7, 8, 9", s.cell(s.at))),
    ("perhaps", |s| format!("Perhaps {}: {}", s.cell(s.at), s.digit(s.at))),
    ("question", |s| format!("{} {}?", s.cell(s.at), s.digit(s.at))),
    ("asked", |s| format!("Is there a {} at {}?", s.digit(s.at), s.cell(s.at))),
    ("if", |s| format!("If {} is {}, the rest follows.", s.cell(s.at), s.digit(s.at))),
    ("might", |s| format!("{} might be {}", s.cell(s.at), s.digit(s.at))),
    ("must", |s| format!("{} must be {}", s.cell(s.at), s.digit(s.at))),
    ("probably", |s| format!("{} is probably {}", s.cell(s.at), s.digit(s.at))),
    ("i think", |s| format!("{} is {}, I think", s.cell(s.at), s.digit(s.at))),
    ("i guess", |s| format!("I guess {} {}", s.cell(s.at), s.digit(s.at))),
    ("grouped", |s| format!("{}: not {} {}", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("grouped or", |s| format!("{}: {} {} or {}", s.row(s.at), s.column(s.at), s.digit(s.at), s.other(s.at))),
    ("counted", |s| format!("{} is {} cells away", s.cell(s.at), s.digit(s.at))),
    ("number", |s| format!("{} is cell number {}", s.cell(s.at), s.digit(s.at))),
];
