//! Draws tables and boards.
//!
//! A sheet is drawn band by band: one scanline of a band's grounds and lines is made, copied to
//! all rows of the band, and what is printed there goes over it while the band is in the cache. So
//! the picture's memory is written once, in order.

use rustc_hash::FxHashMap;

use super::{
    canvas::{Canvas, Rgb, flood, thin},
    deck::{Decks, Look, Press},
    font::Face,
    plan::{Needs, Plan},
    style::{ALTERNATE, GROUNDS, SheetStyle, Stripes, ground},
};
use crate::scene::{Cell, Fill, Kind, Sheet};

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
        let cell = sheet.cells[row * sheet.columns + column];
        let area = plan.cell(row, column);
        canvas.fill(area, style.pairs[shade(style, cell.fill, row, column)].ground);
        rim(style, &plan, cell, [row, column], canvas);
        let deck = self.decks.deck(values(style, &plan));
        deck.mark(press, cell.mark, shade(style, cell.fill, row, column), area, canvas);
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
        let ruled = thin(style.line, style.pairs[0].ground, plan.pitch[0].min(plan.pitch[1]), style.compact);
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
                    paint(row, area.x, area.x + area.width, style.pairs[ground(cell.fill)].ground);
                }
            }
            canvas.rows(area.y, area.y + area.height, row);
            for (c, &cell) in cells.iter().enumerate() {
                rim(style, plan, cell, [r, c], canvas);
                deck.mark(press, cell.mark, shade(style, cell.fill, r, c), plan.cell(r, c), canvas);
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

/// Index of a cell's ground.
fn shade(style: &SheetStyle, fill: Fill, row: usize, column: usize) -> usize {
    let odd = match style.stripes {
        Stripes::None => false,
        Stripes::Rows => row % 2 == 1,
        Stripes::Columns => column % 2 == 1,
    };
    if fill == Fill::Plain && odd { ALTERNATE } else { ground(fill) }
}

/// The border inside a table's cell where a path starts or ends, if the cell has room.
fn rim(style: &SheetStyle, plan: &Plan, cell: Cell, [row, column]: [usize; 2], canvas: &mut Canvas<'_>) {
    let color = match (style.rims, cell.fill) {
        (Some([start, _]), Fill::Start) => start,
        (Some([_, destination]), Fill::Destination) => destination,
        _ => return,
    };
    let area = plan.cell(row, column);
    let side = area.width.min(area.height);
    if side >= 12 {
        canvas.frame(area, (side / 20).max(1), color);
    }
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
