//! What holds of tables that somebody reads: the cursor, and the cells that were read.

#[allow(dead_code, reason = "only tables are read")]
mod scenes;

use std::collections::HashSet;

use _core::{
    render::{Renderer, Theme},
    rng::Rng,
    scene::{Fill, Mark, Reader, Sheet},
};
use scenes::{stream, table};

const EVERY: [Theme; 3] = [Theme::Paper, Theme::Varied, Theme::Compact];

/// Draws tables of one size and theme into fresh buffers.
struct Easel {
    renderer: Renderer,
    bytes: usize,
}

impl Easel {
    fn new(height: usize, width: usize, theme: Theme) -> Self {
        let renderer = Renderer::new(height, width, theme).expect("the size is in range");
        Self { renderer, bytes: height * width * 3 }
    }

    fn sheet(&mut self, sheet: &Sheet) -> Vec<u8> {
        let mut out = vec![0x5a; self.bytes];
        self.renderer.draw_sheet(sheet, stream(1), &mut out);
        out
    }
}

fn changed(a: &[u8], b: &[u8]) -> usize {
    a.chunks_exact(3).zip(b.chunks_exact(3)).filter(|(a, b)| a != b).count()
}

/// A table that somebody reads: half of its path is read, the cursor is anywhere.
fn read(mut sheet: Sheet, rng: &mut Rng) -> Sheet {
    let read = sheet.cells.iter().map(|cell| cell.fill != Fill::Plain && rng.chance(0.5)).collect();
    sheet.reader = Some(Reader { cursor: rng.below(sheet.cells.len()), read });
    sheet
}

#[test]
fn repainting_for_a_reader_is_redrawing_the_picture() {
    let mut rng = stream(78);
    for theme in EVERY {
        for (height, width) in [(64, 64), (112, 112), (448, 448), (200, 333)] {
            let mut easel = Easel::new(height, width, theme);
            for sheet in [table(4, 4, false, 1), table(5, 10, true, 2), table(12, 10, false, 3), table(16, 12, true, 4)]
            {
                let mut sheet = read(sheet, &mut rng);
                let mut out = easel.sheet(&sheet);
                for turn in 0..40 {
                    let Some(reader) = &mut sheet.reader else { continue };
                    let from = reader.cursor;
                    reader.read[from] ^= turn % 3 == 0 && sheet.cells[from].fill != Fill::Plain;
                    // To a neighbour more often than not: they share a line.
                    let to = if turn % 4 == 0 { rng.below(sheet.cells.len()) } else { (from + 1) % sheet.cells.len() };
                    reader.cursor = to;
                    for at in [from, to] {
                        easel.renderer.draw_cell(&sheet, at / sheet.columns, at % sheet.columns, stream(1), &mut out);
                    }
                    assert!(out == easel.sheet(&sheet), "{turn} at {height}x{width} {theme:?}");
                }
            }
        }
    }
}

#[test]
fn a_reader_shows_at_every_size() {
    for theme in EVERY {
        for side in [64, 80, 112, 224, 448] {
            let mut easel = Easel::new(side, side, theme);
            for sheet in [table(4, 4, false, 1), table(12, 10, false, 3), table(16, 12, true, 4)] {
                if sheet.rows == 16 && side < 80 {
                    continue; // words in cells of two pixels
                }
                let blank = easel.sheet(&sheet);
                let mut seen = HashSet::new();
                for cursor in 0..sheet.cells.len() {
                    for value in [false, true] {
                        let mut read = vec![false; sheet.cells.len()];
                        read[cursor] = value;
                        let picture = easel.sheet(&Sheet { reader: Some(Reader { cursor, read }), ..sheet.clone() });
                        let area = side * side / (sheet.rows + 2) / (sheet.columns + 4);
                        let ink = changed(&blank, &picture);
                        assert!(ink * 10 > area, "{ink} of {area} at {side} {theme:?}");
                        assert!(seen.insert(picture), "{cursor} at {side} {theme:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn values_read_under_the_cursor() {
    for theme in EVERY {
        for side in [224, 448] {
            let mut easel = Easel::new(side, side, theme);
            let mut sheet = table(4, 4, false, 1);
            let mut pictures = HashSet::new();
            for read in [false, true] {
                let reader = Reader { cursor: 5, read: (0..16).map(|at| read && at == 5).collect() };
                sheet.reader = Some(reader);
                for digit in 0..10 {
                    sheet.cells[5].mark = Mark::Digit(digit);
                    assert!(pictures.insert(easel.sheet(&sheet)), "{digit} at {side} {theme:?}");
                }
            }
        }
    }
}
