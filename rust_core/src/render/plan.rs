//! Where a sheet's rows, columns and labels lie, and how large its letters are.

use rustc_hash::FxHashMap;

use super::{
    canvas::Area,
    deck::value_extent,
    font::{Face, Print},
    style::SheetStyle,
};
use crate::scene::{Kind, Label, Mark, Sheet};

/// A sheet's lattice, in pixels. Every cell has the same size; what is left over is margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    pub kind: Kind,
    pub rows: usize,
    pub columns: usize,
    /// Corner of the first line of the cells.
    pub left: usize,
    pub top: usize,
    /// From one line to the next.
    pub pitch: [usize; 2],
    /// Width of lines.
    pub line: usize,
    /// Width of the label column and height of the label row, lines included.
    pub labels: [usize; 2],
    pub value: Print,
    pub row_label: Print,
    pub column_label: Print,
    /// Longer side of symbols.
    pub side: usize,
}

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    kind: Kind,
    /// Rows and columns.
    counts: [usize; 2],
    /// The widest row label and column label, in cap heights.
    row: f32,
    column: f32,
    /// Whether values are words; digits may be larger.
    words: bool,
}

/// Everything a plan depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    kind: Kind,
    counts: [usize; 2],
    extents: [u32; 2],
    words: bool,
    faces: [Face; 2],
    widths: [usize; 2],
    compact: bool,
    size: [usize; 2],
}

/// Plans kept at most; beyond it the memory starts afresh.
const PLANS: usize = 2048;

/// Plans that were made before.
#[derive(Default)]
pub(super) struct Plans(FxHashMap<Key, Plan>);

impl Plans {
    /// The plan of a sheet on a picture of this height and width.
    pub fn of(&mut self, sheet: &Sheet, style: &SheetStyle, size: [usize; 2]) -> Plan {
        let needs = Needs::of(sheet, style);
        let key = Key {
            kind: sheet.kind,
            counts: needs.counts,
            extents: [needs.row.to_bits(), needs.column.to_bits()],
            words: needs.words,
            faces: [style.label_face, style.value_face],
            widths: [style.line_width, style.margin],
            compact: style.compact,
            size,
        };
        if self.0.len() > PLANS {
            self.0.clear();
        }
        *self.0.entry(key).or_insert_with(|| Plan::of(&needs, style, size))
    }
}

impl Needs {
    pub fn of(sheet: &Sheet, style: &SheetStyle) -> Self {
        let widest = |labels: &[Label]| {
            let widest = labels.iter().map(|label| style.label_face.extent(label)).fold(0.5, f32::max);
            // In quarters, so that sheets whose labels differ little share a plan.
            (widest * 4.0).ceil() / 4.0
        };
        Self {
            kind: sheet.kind,
            counts: [sheet.rows.max(1), sheet.columns.max(1)],
            row: widest(&sheet.row_labels),
            column: widest(&sheet.column_labels),
            words: sheet.cells.iter().any(|cell| matches!(cell.mark, Mark::DigitWord(_))),
        }
    }
}

impl Plan {
    /// Lays a sheet out on a picture.
    pub fn of(needs: &Needs, style: &SheetStyle, [height, width]: [usize; 2]) -> Self {
        let [rows, columns] = needs.counts;
        let shorter = height.min(width);
        let line = if style.compact { 1 } else { ((shorter * style.line_width + 600) / 1200).max(1) };
        let layout = Layout { needs, style, line, value: value_extent(style.value_face, needs.words) };
        if style.compact {
            let pitch = (width / (columns + 1)).min(height / (rows + 1)).max(1);
            let top = if needs.kind == Kind::Table { pitch } else { 0 };
            return layout.plan([pitch; 2], [pitch; 2], [pitch, top]);
        }
        let margin = shorter * style.margin / 1000;
        let room = [width - 2 * margin - line, height - 2 * margin - line];
        let centered = |pitch: [usize; 2], labels: [usize; 2]| {
            [(0, columns), (1, rows)]
                .map(|(axis, cells)| margin + room[axis].saturating_sub(labels[axis] + cells * pitch[axis]) / 2)
        };
        if needs.kind == Kind::Board {
            // The strips of letters are 0.7 cells wide, or less where that lets cells grow by a pixel.
            let pitch = (room[0] * 20 / (20 * columns + 9)).min(room[1] * 20 / (20 * rows + 9)).max(1);
            let spare = room[0].saturating_sub(columns * pitch).min(room[1].saturating_sub(rows * pitch));
            let label = (pitch * 7 / 10).min(spare).max(1);
            let [left, top] = centered([pitch; 2], [label; 2]);
            return layout.plan([pitch; 2], [label; 2], [left + label, top]);
        }
        // Label columns and header rows of several widths are tried; the least legible text decides.
        let mut best: Option<(f32, Plan)> = None;
        for wide in [4, 5, 6, 7, 8, 10, 12, 14, 16] {
            // A header row is higher than others only for turned labels.
            for high in [4, 6, 8, 10, 12] {
                let pitch =
                    [room[0] * 4 / (4 * columns + wide), room[1] * 4 / (4 * rows + high)].map(|side| side.max(1));
                let labels = [(wide * pitch[0] / 4).max(1), (high * pitch[1] / 4).max(1)];
                let [left, top] = centered(pitch, labels);
                let plan = layout.plan(pitch, labels, [left + labels[0], top + labels[1]]);
                let column = plan.column_label.legibility() * if plan.column_label.turned { 0.8 } else { 1.0 };
                let score = plan.value.legibility().min(plan.row_label.legibility()).min(column);
                // A plainer layout wins unless another is clearly better.
                if best.as_ref().is_none_or(|(least, _)| score > least * 1.04) {
                    best = Some((score, plan));
                }
                if high == 4 && plan.column_label.legibility() >= READABLE && !plan.column_label.turned {
                    break;
                }
            }
        }
        best.expect("some layout was tried").1
    }

    /// The shorter side of a cell, a line included.
    pub fn least(&self) -> usize {
        self.pitch[0].min(self.pitch[1])
    }

    /// Inside of a cell, without its lines.
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> Area {
        Area::new(
            self.left + column * self.pitch[0] + self.line,
            self.top + row * self.pitch[1] + self.line,
            self.pitch[0].saturating_sub(self.line),
            self.pitch[1].saturating_sub(self.line),
        )
    }

    /// Inside of a row's label.
    pub fn row_area(&self, row: usize) -> Area {
        let line = if self.kind == Kind::Table { self.line } else { 0 };
        let y = self.top + row * self.pitch[1] + self.line;
        let height = self.pitch[1].saturating_sub(self.line);
        Area::new(self.left - self.labels[0] + line, y, self.labels[0].saturating_sub(line), height)
    }

    /// Inside of a column's label.
    pub fn column_area(&self, column: usize) -> Area {
        let x = self.left + column * self.pitch[0] + self.line;
        let y = if self.kind == Kind::Table { self.top - self.labels[1] } else { self.bottom() } + self.line;
        Area::new(x, y, self.pitch[0].saturating_sub(self.line), self.labels[1].saturating_sub(self.line))
    }

    /// The first row of the last line.
    pub fn bottom(&self) -> usize {
        self.top + self.rows * self.pitch[1]
    }

    /// The first column of the last line.
    pub fn right(&self) -> usize {
        self.left + self.columns * self.pitch[0]
    }
}

/// What a level label must reach not to be turned where that makes it larger.
const READABLE: f32 = 8.0;

/// Free pixels at either side of a text.
fn padding(room: usize) -> usize {
    (room / 14).max(usize::from(room > 7))
}

/// What all layouts of a sheet share.
struct Layout<'a> {
    needs: &'a Needs,
    style: &'a SheetStyle,
    line: usize,
    /// The widest value, in cap heights.
    value: f32,
}

impl Layout<'_> {
    /// A plan with these sizes, its letters as large as they fit.
    fn plan(&self, pitch: [usize; 2], labels: [usize; 2], [left, top]: [usize; 2]) -> Plan {
        let Self { needs, style, line, value } = *self;
        let inner = |pitch: usize| pitch.saturating_sub(line).max(1);
        let text = |room: usize| room - 2 * padding(room);
        let (wide, high) = (inner(pitch[0]), inner(pitch[1]));
        let (label_wide, label_high) = (inner(labels[0]), inner(labels[1]));
        // In percent of the cell; small letters have descenders, which need room below.
        let tall = if needs.words { 42 } else { 56 + 12 * usize::from(style.compact) };
        let low = if needs.kind == Kind::Board { 58 } else { 44 };
        let cap = |room: usize, part: usize| (room * part / 100).max(1);
        let fit = |extent: f32, along: usize, across: usize| {
            Print::fit(style.label_face, extent, text(along), cap(across, low))
        };
        let (mut row_label, mut level) = (fit(needs.row, label_wide, high), fit(needs.column, wide, label_high));
        if needs.kind == Kind::Board {
            // Letters at the left and at the bottom look the same.
            row_label = fit(needs.row.max(needs.column), wide.min(label_wide), label_wide.min(label_high));
            level = row_label;
        }
        let upright = fit(needs.column, label_high, wide);
        // A turned text has to be much larger to be worth it, and a level one hard to read.
        let small = level.legibility() < READABLE && upright.legibility() * 0.75 > level.legibility();
        let turned = small && needs.kind == Kind::Table && !style.compact;
        let column_label = if turned { Print { turned, ..upright } } else { level };
        // Words do not dwarf the labels.
        let most = if needs.words { usize::from(row_label.cap.min(column_label.cap)) * 5 / 4 } else { high };
        let value = Print::fit(style.value_face, value, text(wide), cap(high, tall).min(most.max(12)));
        Plan {
            kind: needs.kind,
            rows: needs.counts[0],
            columns: needs.counts[1],
            left,
            top,
            pitch,
            line,
            labels,
            value,
            row_label,
            column_label,
            side: (wide.min(high) * 74 / 100).max(1),
        }
    }
}
