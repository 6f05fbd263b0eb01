//! A picture as data. Tasks say what is to be seen; `render` and its themes decide how it looks.

use std::borrow::Cow;

/// A picture of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scene {
    /// A lattice of cells with a label per row and per column.
    Sheet(Sheet),
    /// Rows of panels with figures in them, and numbered options.
    Panels(Panels),
}

/// Which kind of sheet; it decides colours and where the labels go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A table: header row on top, label column on the left, both filled.
    Table,
    /// A board: row letters on the left, column letters at the bottom.
    Board,
}

/// A lattice of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Table or board.
    pub kind: Kind,
    /// Rows of cells, labels not counted.
    pub rows: usize,
    /// Columns of cells, labels not counted.
    pub columns: usize,
    /// Row-major, `rows * columns` of them.
    pub cells: Vec<Cell>,
    /// One a row, top to bottom.
    pub row_labels: Vec<Label>,
    /// One a column, left to right.
    pub column_labels: Vec<Label>,
    /// Who reads it, in a board environment.
    pub reader: Option<Reader>,
}

/// How far a table was read and where its reader stands. It lies over the cells: a reader hides
/// neither what is printed in a cell nor, but for what was read, what the cell's ground means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The cell under the cursor, row-major.
    pub cursor: usize,
    /// Whether a cell was read, row-major, one for each cell.
    pub read: Vec<bool>,
}

/// Printable ASCII.
pub type Label = Cow<'static, str>;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// What is printed in it.
    pub mark: Mark,
    /// What it is painted with.
    pub fill: Fill,
}

/// What a cell holds. Tasks choose among these; a theme draws them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing.
    Blank,
    /// A digit, 0–9.
    Digit(u8),
    /// A digit as an upper-case English word, ZERO–NINE.
    DigitWord(u8),
    /// One of [`SYMBOLS`], by index.
    Symbol(u8),
    /// The walker of a board environment.
    Walker,
}

/// What a cell's ground means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fill {
    /// Nothing special.
    Plain,
    /// On the highlighted path.
    Path,
    /// Where a walk starts.
    Start,
    /// Where it has to end.
    Destination,
}

/// Pictograms: name, character in DejaVu Sans. The first [`OBJECTS`] are objects, the rest obstacles.
pub const SYMBOLS: [(&str, char); 36] = [
    ("heart", '❤'),
    ("crown", '♔'),
    ("flag", '⚑'),
    ("star", '★'),
    ("flower", '✿'),
    ("umbrella", '☂'),
    ("plane", '✈'),
    ("phone", '☎'),
    ("spark", '✦'),
    ("diamond", '❖'),
    ("queen", '♛'),
    ("hammer", '⚒'),
    ("club", '♣'),
    ("gear", '⚙'),
    ("arrow", '➜'),
    ("sun", '☀'),
    ("bishop", '♗'),
    ("note", '♪'),
    ("coffee", '☕'),
    ("anchor", '⚓'),
    ("cloud", '☁'),
    ("pawn", '♙'),
    ("castle", '♖'),
    ("horse", '♘'),
    ("infinity", '∞'),
    ("moon", '☾'),
    ("null", '∅'),
    ("approx", '≈'),
    ("integral", '∫'),
    ("product", '∏'),
    ("sum", '∑'),
    ("dot", '●'),
    ("cross", '✖'),
    ("square", '◼'),
    ("triangle", '▲'),
    ("plus", '✚'),
];

/// How many of [`SYMBOLS`] are objects.
pub const OBJECTS: usize = 31;

/// Rows of panels, top to bottom, then one row of options numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panels {
    /// Example rows and the query row; a panel to be found is [`Panel::Unknown`].
    pub rows: Vec<Vec<Panel>>,
    /// The choices.
    pub options: Vec<Panel>,
}

/// What a panel holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// A question mark.
    Unknown,
    /// Lines, each drawn across the whole panel.
    Lines(Vec<Line>),
    /// Filled and outlined shapes in the slots of a 3 × 3 lattice, at most one a slot.
    Shapes(Vec<Shape>),
}

/// Names of line types, by [`Line::kind`].
pub const LINE_KINDS: [&str; 10] = [
    "falling diagonal",
    "rising diagonal",
    "horizontal",
    "vertical",
    "diamond",
    "circle",
    "v up",
    "v left",
    "v down",
    "v right",
];

/// Names of shape types, by [`Shape::kind`].
pub const SHAPE_KINDS: [&str; 5] = ["circle", "square", "triangle", "pentagon", "hexagon"];

/// Grays of lines (the first four) and of shapes (all five), 0 is black.
pub const GRAYS: [u8; 5] = [0, 90, 135, 189, 255];

/// One line of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// Index into [`LINE_KINDS`].
    pub kind: u8,
    /// Index into [`GRAYS`], below 4.
    pub gray: u8,
}

/// One shape of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Index into [`SHAPE_KINDS`].
    pub kind: u8,
    /// Index into [`GRAYS`].
    pub gray: u8,
    /// 0 (small) to 3 (largest).
    pub size: u8,
    /// Row-major slot, 0–8.
    pub slot: u8,
}
