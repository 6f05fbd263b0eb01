//! Draws tables and boards.
//!
//! A sheet is drawn band by band: one scanline of a band's grounds and lines is made, copied to
//! all rows of the band, and what is printed there goes over it while the band is in the cache. So
//! the picture's memory is written once, in order.

use rustc_hash::FxHashMap;

use super::{
    canvas::{Area, Canvas, Rgb, flood, thin},
    deck::{Decks, Look, Press},
    font::Face,
    plan::{Needs, Plan},
    style::{ALTERNATE, CURSOR, GROUNDS, READ, SheetStyle, Stripes, ground},
};
use crate::scene::{Fill, Kind, Sheet};

/// Everything a plan depends on besides the picture's size.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    kind: Kind,
    counts: [usize; 2],
    extents: [u32; 2],
    words: bool,
    faces: [Face; 2],
    widths: [usize; 2],
}

/// Plans kept at most; beyond it the memory starts afresh.
const PLANS: usize = 2048;

/// What is kept from one sheet to the next.
pub(super) struct Sheets {
    plans: FxHashMap<Key, Plan>,
    decks: Decks,
    /// Scanlines under construction.
    row: Vec<u8>,
    plain: [Vec<u8>; 2],
}

impl Sheets {
    /// Nothing kept yet, and room for so many decks.
    pub fn new(decks: usize) -> Self {
        Self { plans: FxHashMap::default(), decks: Decks::new(decks), row: vec![], plain: [vec![], vec![]] }
    }

    /// Draws a whole sheet.
    pub fn draw(&mut self, sheet: &Sheet, style: &SheetStyle, press: &mut Press, canvas: &mut Canvas<'_>) {
        let plan = self.plan(sheet, style, canvas);
        self.bands(sheet, style, &plan, press, canvas);
        cursor(sheet, style, &plan, canvas);
        self.labels(sheet, style, &plan, press, canvas);
    }

    /// Draws one cell over what the picture shows there.
    pub fn draw_cell(
        &mut self,
        sheet: &Sheet,
        [row, column]: [usize; 2],
        style: &SheetStyle,
        press: &mut Press,
        canvas: &mut Canvas<'_>,
    ) {
        let plan = self.plan(sheet, style, canvas);
        let area = plan.cell(row, column);
        let shade = shown(sheet, style, row, column);
        if sheet.reader.is_some() && !style.compact {
            // The cursor may have lain on the lines.
            canvas.frame(outset(area, plan.line), plan.line, ruled(style, &plan));
        }
        canvas.fill(area, style.pairs[shade].ground);
        rim(style, shade, area, canvas);
        let deck = self.decks.deck(values(style, &plan));
        deck.mark(press, sheet.cells[row * sheet.columns + column].mark, shade, area, canvas);
        cursor(sheet, style, &plan, canvas);
    }

    fn plan(&mut self, sheet: &Sheet, style: &SheetStyle, canvas: &Canvas<'_>) -> Plan {
        let needs = Needs::of(sheet, style);
        let key = Key {
            kind: sheet.kind,
            counts: needs.counts,
            extents: [needs.row.to_bits(), needs.column.to_bits()],
            words: needs.words,
            faces: [style.label_face, style.value_face],
            widths: [style.line_width, style.margin],
        };
        if self.plans.len() > PLANS {
            self.plans.clear();
        }
        *self.plans.entry(key).or_insert_with(|| Plan::of(&needs, style, canvas.height, canvas.width))
    }

    /// Page, lines, grounds and marks, from the top of the picture to its end.
    fn bands(&mut self, sheet: &Sheet, style: &SheetStyle, plan: &Plan, press: &mut Press, canvas: &mut Canvas<'_>) {
        let Plan { line, top, left, .. } = *plan;
        let ruled = ruled(style, plan);
        let deck = self.decks.deck(values(style, plan));
        let table = plan.kind == Kind::Table;
        let start = if table { left - plan.labels[0] } else { left };
        let (right, bottom) = (plan.right(), plan.bottom());
        let row = &mut self.row;
        row.resize(canvas.width * 3, 0);

        flood(row, style.page);
        if table {
            let above = top - plan.labels[1];
            canvas.rows(0, above, row);
            paint(row, start, right + line, ruled);
            canvas.rows(above, above + line, row);
            paint(row, start, right + line, style.label.ground);
            paint(row, start, start + line, ruled);
            verticals(row, plan, ruled);
            canvas.rows(above + line, top, row);
        } else {
            canvas.rows(0, top, row);
        }

        // A row of plain cells, and its twin in the other shade where rows are striped.
        let shades = if style.stripes == Stripes::Rows { 2 } else { 1 };
        for (shade_row, plain) in self.plain.iter_mut().take(shades).enumerate() {
            plain.clear();
            plain.extend_from_slice(row);
            paint(plain, left, right, style.pairs[shade(style, Fill::Plain, shade_row, 0)].ground);
            if style.stripes == Stripes::Columns {
                for column in (1..plan.columns).step_by(2) {
                    let area = plan.cell(0, column);
                    paint(plain, area.x, area.x + area.width, style.pairs[ALTERNATE].ground);
                }
            }
            verticals(plain, plan, ruled);
        }

        let mut ruler = row.clone();
        flood(&mut ruler, style.page);
        let page = ruler.clone();
        paint(&mut ruler, start, right + line, ruled);
        for (r, cells) in sheet.cells.chunks(plan.columns).enumerate() {
            let area = plan.cell(r, 0);
            canvas.rows(area.y - line, area.y, &ruler);
            row.copy_from_slice(&self.plain[r % shades]);
            for (c, cell) in cells.iter().enumerate() {
                if cell.fill != Fill::Plain {
                    let area = plan.cell(r, c);
                    paint(row, area.x, area.x + area.width, style.pairs[shown(sheet, style, r, c)].ground);
                }
            }
            canvas.rows(area.y, area.y + area.height, row);
            for (c, cell) in cells.iter().enumerate() {
                let (shade, area) = (shown(sheet, style, r, c), plan.cell(r, c));
                rim(style, shade, area, canvas);
                deck.mark(press, cell.mark, shade, area, canvas);
            }
        }
        canvas.rows(bottom, bottom + line, &ruler);
        canvas.rows(bottom + line, canvas.height, &page);
    }

    fn labels(&mut self, sheet: &Sheet, style: &SheetStyle, plan: &Plan, press: &mut Press, canvas: &mut Canvas<'_>) {
        let look = |print| Look { print, side: 0, pairs: [style.label; GROUNDS], object: None };
        let deck = self.decks.deck(look(plan.row_label));
        for (row, label) in sheet.row_labels.iter().take(plan.rows).enumerate() {
            deck.label(press, label, plan.row_area(row), canvas);
        }
        let deck = self.decks.deck(look(plan.column_label));
        for (column, label) in sheet.column_labels.iter().take(plan.columns).enumerate() {
            deck.label(press, label, plan.column_area(column), canvas);
        }
    }
}

fn values(style: &SheetStyle, plan: &Plan) -> Look {
    Look { print: plan.value, side: plan.side, pairs: style.pairs, object: style.object }
}

/// Index of a cell's ground, whoever reads.
fn shade(style: &SheetStyle, fill: Fill, row: usize, column: usize) -> usize {
    let odd = match style.stripes {
        Stripes::None => false,
        Stripes::Rows => row % 2 == 1,
        Stripes::Columns => column % 2 == 1,
    };
    if fill == Fill::Plain && odd { ALTERNATE } else { ground(fill) }
}

/// Index of the ground that a cell shows. Only cells of a path are ever read.
fn shown(sheet: &Sheet, style: &SheetStyle, row: usize, column: usize) -> usize {
    let at = row * sheet.columns + column;
    match &sheet.reader {
        Some(reader) if reader.read[at] => READ,
        _ => shade(style, sheet.cells[at].fill, row, column),
    }
}

/// The border inside a table's cell where a path starts or ends, if the cell has room.
fn rim(style: &SheetStyle, shade: usize, area: Area, canvas: &mut Canvas<'_>) {
    let Some([start, destination]) = style.rims else { return };
    let color = match shade {
        shade if shade == ground(Fill::Start) => start,
        shade if shade == ground(Fill::Destination) => destination,
        _ => return,
    };
    let side = area.width.min(area.height);
    if side >= 12 {
        canvas.frame(area, (side / 20).max(1), color);
    }
}

/// The border of the cell under a reader's cursor: over the lines around the cell and the first pixels
/// of its inside, no more than are free beside the widest value. A compact cell is a patch, and its
/// border stays inside. The smallest cells keep their ground: they color their lines alone, or a bar of a
/// compact cell.
fn cursor(sheet: &Sheet, style: &SheetStyle, plan: &Plan, canvas: &mut Canvas<'_>) {
    let Some(reader) = &sheet.reader else { return };
    let area = plan.cell(reader.cursor / sheet.columns, reader.cursor % sheet.columns);
    let side = area.width.min(area.height);
    if style.compact && side < 5 {
        canvas.fill(Area { width: 1, ..area }, CURSOR);
    } else if style.compact {
        canvas.frame(area, (side / 10).max(1), CURSOR);
    } else {
        let inside = (side / 14).max(usize::from(side > 4));
        canvas.frame(outset(area, plan.line), plan.line + inside, CURSOR);
    }
}

/// The color of lines between cells.
fn ruled(style: &SheetStyle, plan: &Plan) -> Rgb {
    thin(style.line, style.pairs[0].ground, plan.pitch[0].min(plan.pitch[1]), style.compact)
}

/// A cell's inside and the lines around it.
fn outset(area: Area, line: usize) -> Area {
    Area::new(area.x - line, area.y - line, area.width + 2 * line, area.height + 2 * line)
}

/// Lines left of every cell and right of the last.
fn verticals(row: &mut [u8], plan: &Plan, color: Rgb) {
    for column in 0..=plan.columns {
        let x = plan.left + column * plan.pitch[0];
        paint(row, x, x + plan.line, color);
    }
}

/// Fills the pixels `from..to` of a scanline, as far as it goes.
fn paint(row: &mut [u8], from: usize, to: usize, color: Rgb) {
    let end = (to * 3).min(row.len());
    if from * 3 < end {
        flood(&mut row[from * 3..end], color);
    }
}
