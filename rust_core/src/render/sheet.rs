//! Draws tables and boards.
//!
//! A sheet is drawn band by band: one scanline of a band's grounds and lines is made, copied to
//! all rows of the band, and what is printed there goes over it while the band is in the cache. So
//! the picture's memory is written once, in order.

use super::{
    canvas::{Area, Canvas},
    colors::Colors,
    deck::{Decks, Look, Press},
    grounds::{ALTERNATE, GROUNDS, READ, ground},
    pixel::Pixel,
    plan::Plan,
    style::{SheetStyle, Stripes},
};
use crate::scene::{Fill, Kind, Sheet};

/// A sheet, and how it is to be drawn.
#[derive(Clone, Copy)]
pub(super) struct Draft<'a, P> {
    pub sheet: &'a Sheet,
    pub style: &'a SheetStyle,
    pub plan: &'a Plan,
    pub colors: &'a Colors<P>,
}

/// What is kept from one sheet to the next.
pub(super) struct Sheets<P: Pixel> {
    decks: Decks<P>,
    /// Scanlines under construction.
    row: Vec<P>,
    plain: [Vec<P>; 2],
    ruler: Vec<P>,
}

impl<P: Pixel> Sheets<P> {
    /// Nothing kept yet, and room for so many decks.
    pub fn new(decks: usize) -> Self {
        Self { decks: Decks::new(decks), row: vec![], plain: [vec![], vec![]], ruler: vec![] }
    }

    /// Draws a whole sheet.
    pub fn draw(&mut self, draft: Draft<'_, P>, press: &mut Press, canvas: &mut Canvas<'_, P>) {
        self.bands(draft, press, canvas);
        draft.cursor(canvas);
        self.labels(draft, press, canvas);
    }

    /// Draws one cell over what the picture shows there.
    pub fn draw_cell(
        &mut self,
        draft: Draft<'_, P>,
        [row, column]: [usize; 2],
        press: &mut Press,
        canvas: &mut Canvas<'_, P>,
    ) {
        let Draft { sheet, style, plan, colors } = draft;
        let area = plan.cell(row, column);
        let shade = draft.shown(row, column);
        if sheet.reader.is_some() && !style.compact {
            // The cursor may have lain on the lines.
            canvas.frame(outset(area, plan.line), plan.line, colors.line);
        }
        canvas.fill(area, colors.pairs[shade].ground);
        draft.rim(shade, area, canvas);
        let deck = self.decks.deck(draft.values());
        deck.mark(press, sheet.cells[row * sheet.columns + column].mark, shade, area, canvas);
        draft.cursor(canvas);
    }

    /// Page, lines, grounds and marks, from the top of the picture to its end.
    fn bands(&mut self, draft: Draft<'_, P>, press: &mut Press, canvas: &mut Canvas<'_, P>) {
        let Draft { sheet, style, plan, colors } = draft;
        let Plan { line, top, left, .. } = *plan;
        let deck = self.decks.deck(draft.values());
        let table = plan.kind == Kind::Table;
        let start = if table { left - plan.labels[0] } else { left };
        let (right, bottom) = (plan.right(), plan.bottom());
        let (row, ruler) = (&mut self.row, &mut self.ruler);
        for scanline in [&mut *row, &mut *ruler] {
            scanline.resize(canvas.width, P::default());
            P::flood(scanline, colors.page);
        }

        if table {
            let above = top - plan.labels[1];
            canvas.rows(0, above, row);
            paint(row, start, right + line, colors.line);
            canvas.rows(above, above + line, row);
            paint(row, start, right + line, colors.label.ground);
            paint(row, start, start + line, colors.line);
            verticals(row, plan, colors.line);
            canvas.rows(above + line, top, row);
        } else {
            canvas.rows(0, top, row);
        }

        // A row of plain cells, and its twin in the other shade where rows are striped.
        let shades = if style.stripes == Stripes::Rows { 2 } else { 1 };
        for (shade_row, plain) in self.plain.iter_mut().take(shades).enumerate() {
            plain.clear();
            plain.extend_from_slice(row);
            paint(plain, left, right, colors.pairs[style.shade(Fill::Plain, shade_row, 0)].ground);
            if style.stripes == Stripes::Columns {
                for column in (1..plan.columns).step_by(2) {
                    let area = plan.cell(0, column);
                    paint(plain, area.x, area.x + area.width, colors.pairs[ALTERNATE].ground);
                }
            }
            verticals(plain, plan, colors.line);
        }

        paint(ruler, start, right + line, colors.line);
        for (r, cells) in sheet.cells.chunks(plan.columns).enumerate() {
            let area = plan.cell(r, 0);
            canvas.rows(area.y - line, area.y, ruler);
            row.copy_from_slice(&self.plain[r % shades]);
            for (c, cell) in cells.iter().enumerate() {
                if cell.fill != Fill::Plain {
                    let area = plan.cell(r, c);
                    paint(row, area.x, area.x + area.width, colors.pairs[draft.shown(r, c)].ground);
                }
            }
            canvas.rows(area.y, area.y + area.height, row);
            for (c, cell) in cells.iter().enumerate() {
                let (shade, area) = (draft.shown(r, c), plan.cell(r, c));
                draft.rim(shade, area, canvas);
                deck.mark(press, cell.mark, shade, area, canvas);
            }
        }
        canvas.rows(bottom, bottom + line, ruler);
        P::flood(row, colors.page);
        canvas.rows(bottom + line, canvas.height, row);
    }

    fn labels(&mut self, draft: Draft<'_, P>, press: &mut Press, canvas: &mut Canvas<'_, P>) {
        let Draft { sheet, plan, colors, .. } = draft;
        let look = |print| Look { print, side: 0, pairs: [colors.label; GROUNDS], objects: [colors.label; 2] };
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

impl<P: Pixel> Draft<'_, P> {
    fn values(&self) -> Look<P> {
        let Self { plan, colors, .. } = self;
        Look { print: plan.value, side: plan.side, pairs: colors.pairs, objects: colors.objects }
    }

    /// Index of the ground that a cell shows. Only cells of a path are ever read.
    fn shown(&self, row: usize, column: usize) -> usize {
        let at = row * self.sheet.columns + column;
        match &self.sheet.reader {
            Some(reader) if reader.read[at] => READ,
            _ => self.style.shade(self.sheet.cells[at].fill, row, column),
        }
    }

    /// The border inside a table's cell where a path starts or ends, if the cell has room.
    fn rim(&self, shade: usize, area: Area, canvas: &mut Canvas<'_, P>) {
        let Some([start, destination]) = self.colors.rims else { return };
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
    fn cursor(&self, canvas: &mut Canvas<'_, P>) {
        let Self { sheet, style, plan, colors } = self;
        let Some(reader) = &sheet.reader else { return };
        let area = plan.cell(reader.cursor / sheet.columns, reader.cursor % sheet.columns);
        let side = area.width.min(area.height);
        if style.compact && side < 5 {
            canvas.fill(Area { width: 1, ..area }, colors.cursor);
        } else if style.compact {
            canvas.frame(area, (side / 10).max(1), colors.cursor);
        } else {
            let inside = (side / 14).max(usize::from(side > 4));
            canvas.frame(outset(area, plan.line), plan.line + inside, colors.cursor);
        }
    }
}

/// A cell's inside and the lines around it.
fn outset(area: Area, line: usize) -> Area {
    Area::new(area.x - line, area.y - line, area.width + 2 * line, area.height + 2 * line)
}

/// Lines left of every cell and right of the last.
fn verticals<P: Pixel>(row: &mut [P], plan: &Plan, color: P) {
    for column in 0..=plan.columns {
        let x = plan.left + column * plan.pitch[0];
        paint(row, x, x + plan.line, color);
    }
}

/// Fills the pixels `from..to` of a scanline, as far as it goes.
fn paint<P: Pixel>(row: &mut [P], from: usize, to: usize, color: P) {
    let end = to.min(row.len());
    if from < end {
        P::flood(&mut row[from..end], color);
    }
}
