//! Scene -> RGB bytes, in a theme.
//!
//! ```text
//! pixel    colors and indices        outline  polygons -> coverage        font    letters -> coverage
//! canvas   rows of pixels            figure   symbols, shapes, lines      deck    coverage -> blended pixels, kept
//! blend    a color over another       grounds  what cells are painted on   theme   names of looks
//! style    what a theme looks like   colors   a sheet's palette
//! plan     lattice of a sheet        sheet    tables and boards
//! layout   places of panels          panels   analogies
//! ```
//!
//! Pictures are a function of scene, size, theme and look alone: what a renderer keeps only saves
//! time. Geometry uses `+ - * / sqrt`, blending integers, so all platforms draw the same bytes.

mod blend;
mod canvas;
mod colors;
mod deck;
mod figure;
mod font;
mod grounds;
mod layout;
mod legible;
mod outline;
mod panels;
mod pixel;
mod plan;
mod sheet;
mod style;
mod theme;

pub use legible::{Reads, reads};
pub use theme::{THEMES, Theme};

use blend::Rgb;
use canvas::Canvas;
use deck::Press;
use panels::Stages;
use pixel::Pixel;
use plan::Plans;
use sheet::{Draft, Sheets};
use style::{PanelStyle, SheetStyle};

use crate::{
    Error, Result,
    rng::Rng,
    scene::{Mark, Scene, Sheet},
};

/// The shortest side of a picture, in pixels.
pub const LEAST: usize = 64;
/// The longest side of a picture, in pixels.
pub const MOST: usize = 4096;

/// Draws scenes of one size and theme; keeps what it rasterised for the next one.
pub struct Renderer {
    height: usize,
    width: usize,
    theme: Theme,
    press: Press,
    plans: Plans,
    sheets: Sheets<Rgb>,
    /// Sheets in indices.
    indexed: Sheets<u8>,
    stages: Stages,
}

impl Renderer {
    /// A renderer for pictures of `height` by `width` pixels.
    pub fn new(height: usize, width: usize, theme: Theme) -> Result<Self> {
        if [height, width].iter().all(|side| (LEAST..=MOST).contains(side)) {
            // Hardly two varied sheets look the same: few decks keep what is written near.
            let decks = if theme == Theme::Varied { 4 } else { 192 };
            let (sheets, indexed, stages) = (Sheets::new(decks), Sheets::new(decks), Stages::new(64));
            let (press, plans) = (Press::default(), Plans::default());
            Ok(Self { height, width, theme, press, plans, sheets, indexed, stages })
        } else {
            Err(Error::Size { height, width, least: LEAST, most: MOST })
        }
    }

    /// Writes the whole picture into `out`, `height * width * 3` bytes, rows top to bottom.
    /// `look` is the address's stream for its look; only `varied` draws from it.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn draw(&mut self, scene: &Scene, mut look: Rng, out: &mut [u8]) {
        match scene {
            Scene::Sheet(sheet) => self.draw_sheet(sheet, look, out),
            Scene::Panels(panels) => {
                let style = PanelStyle::of(self.theme, &mut look);
                let mut canvas = canvas(self.height, self.width, out);
                self.stages.draw(panels, &style, &mut self.press, &mut canvas);
            }
        }
    }

    /// As [`Self::draw`], for a sheet.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn draw_sheet(&mut self, sheet: &Sheet, mut look: Rng, out: &mut [u8]) {
        let style = SheetStyle::of(self.theme, sheet.kind, &mut look);
        let plan = self.plans.of(sheet, &style, [self.height, self.width]);
        let draft = Draft { sheet, style: &style, plan: &plan, colors: &style.colors(plan.least()) };
        self.sheets.draw(draft, &mut self.press, &mut canvas(self.height, self.width, out));
    }

    /// Writes the picture that [`Self::draw`] makes as indices, `height` rows of `width` and one byte more, which
    /// is left as it is, and returns the palette. `None`, and nothing is written, where a picture's colors are not
    /// known before it is drawn: of panels, and of a board with a walker.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn draw_indices(&mut self, scene: &Scene, mut look: Rng, out: &mut [u8]) -> Option<Vec<[u8; 3]>> {
        let Scene::Sheet(sheet) = scene else { return None };
        if sheet.cells.iter().any(|cell| cell.mark == Mark::Walker) {
            return None;
        }
        let style = SheetStyle::of(self.theme, sheet.kind, &mut look);
        let plan = self.plans.of(sheet, &style, [self.height, self.width]);
        let (colors, palette) = style.colors(plan.least()).indexed();
        let draft = Draft { sheet, style: &style, plan: &plan, colors: &colors };
        self.indexed.draw(draft, &mut self.press, &mut spaced(self.height, self.width, 1, out));
        Some(palette)
    }

    /// Repaints one cell of a picture that [`Self::draw`] made of the same sheet before this cell's
    /// mark or fill changed. The result is that of drawing all of it anew.
    ///
    /// That holds while the sheet keeps its labels, and its values their kind (digits or words).
    ///
    /// # Panics
    /// If `out` has another length, or the sheet no such cell.
    pub fn draw_cell(&mut self, sheet: &Sheet, row: usize, column: usize, mut look: Rng, out: &mut [u8]) {
        assert!(row < sheet.rows && column < sheet.columns, "no cell ({row}, {column})");
        let style = SheetStyle::of(self.theme, sheet.kind, &mut look);
        let plan = self.plans.of(sheet, &style, [self.height, self.width]);
        let draft = Draft { sheet, style: &style, plan: &plan, colors: &style.colors(plan.least()) };
        let mut canvas = canvas(self.height, self.width, out);
        self.sheets.draw_cell(draft, [row, column], &mut self.press, &mut canvas);
    }
}

fn canvas(height: usize, width: usize, out: &mut [u8]) -> Canvas<'_, Rgb> {
    assert_eq!(out.len(), height * width * 3, "a picture of {height} x {width} pixels has three bytes each");
    spaced(height, width, 0, out.as_chunks_mut().0)
}

/// A canvas whose rows are followed by so many other pixels.
fn spaced<P: Pixel>(height: usize, width: usize, others: usize, out: &mut [P]) -> Canvas<'_, P> {
    let stride = width + others;
    assert_eq!(out.len(), height * stride, "a picture of {height} x {width} pixels has rows of {stride}");
    Canvas { out, width, height, stride }
}
