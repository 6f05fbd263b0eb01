//! Draws analogies.
//!
//! What all pictures of one layout and look share (page, frames, empty panels) is kept as its
//! distinct rows. A picture is those rows copied out, then figures over them.

use std::collections::HashMap;

use super::{
    blend::{Rgb, mix, thin, tint},
    canvas::{Area, Canvas, Tile},
    deck::{Decks, Look, Press},
    figure,
    font::Print,
    grounds::GROUNDS,
    layout::{Layout, Shape as Arrangement},
    outline::Mask,
    pixel::{Pair, Pixel},
    style::PanelStyle,
};
use crate::scene::{GRAYS, Line, Panel, Panels, Shape};

/// Pixels of a line that are blended together.
const REACH: usize = 8;

/// Some pixels of a row of a panel, and how much of them is covered, once for each byte.
struct Run {
    y: usize,
    x: usize,
    coverage: [u8; REACH * 3],
}

/// A shape in its color on a panel's ground.
struct Figure {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

/// A picture without figures.
struct Stage {
    arrangement: Arrangement,
    style: PanelStyle,
    layout: Layout,
    /// The distinct rows, and how many times each comes, top to bottom.
    rows: Vec<Rgb>,
    counts: Vec<usize>,
}

/// Figures in 5 kinds, 5 grays and 4 sizes.
#[derive(Default)]
struct Set {
    figures: Vec<Option<Figure>>,
    pixels: usize,
}

/// Figures for a size of slot, a ground and an outline.
type Figures = HashMap<(usize, Rgb, Rgb), Set>;
/// Lines of 10 kinds for a side of panels and a width of lines.
type Lines = HashMap<(usize, usize), Vec<Option<Vec<Run>>>>;

/// Stages, and sets of figures and of lines, kept at most.
const STAGES: usize = 16;
const SETS: usize = 96;
/// Pixels of figures with which no other set is begun before all are forgotten.
const PIXELS: usize = 11 << 20;

/// What is kept from one picture to the next.
pub(super) struct Stages {
    /// The last one used comes first.
    latest: Vec<Stage>,
    figures: Figures,
    lines: Lines,
    decks: Decks<Rgb>,
}

impl Stages {
    /// Nothing kept yet, and room for so many decks.
    pub fn new(decks: usize) -> Self {
        Self { latest: vec![], figures: Figures::new(), lines: Lines::new(), decks: Decks::new(decks) }
    }

    /// Draws a whole picture.
    pub fn draw(&mut self, panels: &Panels, style: &PanelStyle, press: &mut Press, canvas: &mut Canvas<'_, Rgb>) {
        let place = self.latest.iter().position(|stage| stage.style == *style && stage.arrangement.fits(panels));
        let place = place.unwrap_or_else(|| {
            self.latest.truncate(STAGES - 1);
            self.latest.push(Stage::new(Arrangement::of(panels), style, canvas));
            self.latest.len() - 1
        });
        self.latest[..=place].rotate_right(1);
        let stage = &self.latest[0];
        let Layout { side, frame, .. } = stage.layout;
        stage.copy(canvas);

        let slot = stage.layout.slot();
        let key = (slot, style.ground, style.outline);
        if !self.figures.contains_key(&key) {
            let pixels: usize = self.figures.values().map(|set| set.pixels).sum();
            if self.figures.len() >= SETS || pixels > PIXELS {
                self.figures.clear();
            }
        }
        let figures = self.figures.entry(key).or_default();
        if self.lines.len() > SETS {
            self.lines.clear();
        }
        let inner = side.saturating_sub(2 * frame);
        let width = if style.compact { (inner + 6) / 16 } else { (inner + 15) / 30 }.max(1);
        let lines = self.lines.entry((inner, width)).or_default();

        let all = panels.rows.iter().flatten().chain(&panels.options);
        for (panel, &corner) in all.zip(&stage.layout.corners) {
            let inside = stage.layout.inside(corner);
            match panel {
                Panel::Unknown => {
                    let pair = Pair { ground: style.ground, ink: style.outline };
                    let most = (inside.height * 55 / 100).max(1);
                    label("?", style, pair, inside, most, &mut self.decks, press, canvas);
                }
                Panel::Lines(given) => draw_lines(given, lines, inside, width, canvas),
                Panel::Shapes(shapes) => draw_shapes(shapes, figures, style, inside, slot, canvas),
            }
        }
        let pair = Pair { ground: style.page, ink: style.ink };
        for (number, &area) in (1..).zip(&stage.layout.numbers) {
            let digits = NUMBERS.get(number).copied().unwrap_or("?");
            label(digits, style, pair, area, (area.height * 72 / 100).max(1), &mut self.decks, press, canvas);
        }
    }
}

/// Numbers of options, as they are printed.
const NUMBERS: [&str; 17] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

#[allow(clippy::too_many_arguments, reason = "what is printed, how, where, and by what")]
fn label(
    text: &str,
    style: &PanelStyle,
    pair: Pair,
    area: Area,
    most: usize,
    decks: &mut Decks<Rgb>,
    press: &mut Press,
    canvas: &mut Canvas<'_, Rgb>,
) {
    let print = Print::fit(style.face, style.face.extent("88"), area.width * 9 / 10, most);
    let look = Look { print, side: 0, pairs: [pair; GROUNDS], objects: [pair; 2] };
    decks.deck(look).label(press, text, area, canvas);
}

impl Stage {
    fn new(arrangement: Arrangement, style: &PanelStyle, canvas: &Canvas<'_, Rgb>) -> Self {
        let layout = Layout::of(&arrangement, style, canvas.height, canvas.width);
        let frame = thin(style.frame, style.ground, layout.side, style.compact);
        let mut areas: Vec<(Area, Rgb)> = vec![];
        for &[x, y] in &layout.corners {
            areas.push((Area::new(x, y, layout.side, layout.side), frame));
            areas.push((layout.inside([x, y]), style.ground));
        }
        areas.extend(layout.rule.map(|rule| (rule, style.ink)));
        // Between two of these the rows are alike.
        let mut cuts: Vec<usize> = areas.iter().flat_map(|(area, _)| [area.y, area.y + area.height]).collect();
        cuts.extend([0, canvas.height]);
        cuts.retain(|&y| y <= canvas.height);
        cuts.sort_unstable();
        cuts.dedup();
        let (mut rows, mut counts) = (vec![], vec![]);
        for pair in cuts.windows(2) {
            let start = rows.len();
            rows.resize(start + canvas.width, [0; 3]);
            let row = &mut rows[start..];
            Rgb::flood(row, style.page);
            for (area, color) in &areas {
                if (area.y..area.y + area.height).contains(&pair[0]) {
                    let end = (area.x + area.width).min(row.len());
                    Rgb::flood(&mut row[area.x.min(end)..end], *color);
                }
            }
            counts.push(pair[1] - pair[0]);
        }
        Self { arrangement, style: style.clone(), layout, rows, counts }
    }

    fn copy(&self, canvas: &mut Canvas<'_, Rgb>) {
        let mut y = 0;
        for (row, &count) in self.rows.chunks_exact(canvas.width).zip(&self.counts) {
            canvas.rows(y, y + count, row);
            y += count;
        }
    }
}

fn draw_shapes(
    shapes: &[Shape],
    set: &mut Set,
    style: &PanelStyle,
    inside: Area,
    slot: usize,
    canvas: &mut Canvas<'_, Rgb>,
) {
    set.figures.resize_with(5 * 5 * 4, || None);
    // What the slots leave of the panel lies evenly around them.
    let rest = inside.width.saturating_sub(3 * slot) / 2;
    for shape in shapes {
        let (kind, gray, size) = (shape.kind % 5, shape.gray % 5, shape.size % 4);
        let number = (usize::from(kind) * 5 + usize::from(gray)) * 4 + usize::from(size);
        let figure = set.figures[number].get_or_insert_with(|| {
            let masks = figure::shape(kind, size, slot);
            let (width, height) = (masks.whole.width, masks.whole.height);
            let mut pixels = vec![[0; 3]; width * height];
            Rgb::flood(&mut pixels, style.ground);
            tint(&mut pixels, &masks.whole, style.outline);
            tint(&mut pixels, &masks.inside, [GRAYS[usize::from(gray)]; 3]);
            set.pixels += pixels.len();
            Figure { width, height, pixels }
        });
        let place = usize::from(shape.slot % 9);
        let x = inside.x + rest + place % 3 * slot + slot.saturating_sub(figure.width) / 2;
        let y = inside.y + rest + place / 3 * slot + slot.saturating_sub(figure.height) / 2;
        canvas.blit(x, y, inside, Tile { pixels: &figure.pixels, width: figure.width });
    }
}

/// Lighter lines first, so that the picture does not depend on the order they are given in.
fn draw_lines(
    lines: &[Line],
    kept: &mut Vec<Option<Vec<Run>>>,
    inside: Area,
    width: usize,
    canvas: &mut Canvas<'_, Rgb>,
) {
    kept.resize_with(10, || None);
    let mut wanted = [[false; 10]; 4];
    for line in lines {
        wanted[usize::from(line.gray % 4)][usize::from(line.kind % 10)] = true;
    }
    for (kinds, gray) in wanted.iter().zip(GRAYS).rev() {
        for (kind, _) in kinds.iter().enumerate().filter(|(_, wanted)| **wanted) {
            let runs = kept[kind].get_or_insert_with(|| runs(&figure::line(kind as u8, inside.width, width)));
            blend(runs, gray, inside, canvas);
        }
    }
}

/// The covered pixels of a mask.
fn runs(mask: &Mask) -> Vec<Run> {
    let mut runs = vec![];
    for y in 0..mask.height {
        let mut x = 0;
        while x < mask.width {
            if mask.at(x, y) == 0 {
                x += 1;
                continue;
            }
            // A run may begin before its line, so as not to reach beyond the panel.
            let from = x.min(mask.width.saturating_sub(REACH));
            let mut coverage = [0; REACH * 3];
            for (step, parts) in coverage.chunks_exact_mut(3).enumerate() {
                if from + step >= x {
                    parts.fill(mask.at(from + step, y));
                }
            }
            runs.push(Run { y, x: from, coverage });
            x = from + REACH;
        }
    }
    runs
}

/// Blends a line of a gray into a panel.
fn blend(runs: &[Run], gray: u8, inside: Area, canvas: &mut Canvas<'_, Rgb>) {
    let start = inside.y * canvas.stride + inside.x;
    for run in runs {
        let at = start + run.y * canvas.stride + run.x;
        // A panel narrower than a run may end with the picture.
        let end = (at + REACH).min(canvas.out.len());
        let out = canvas.out[at.min(end)..end].as_flattened_mut();
        if let Some(out) = out.first_chunk_mut::<{ REACH * 3 }>() {
            for (out, coverage) in out.iter_mut().zip(run.coverage) {
                *out = mix(*out, gray, coverage);
            }
        } else {
            for (out, coverage) in out.iter_mut().zip(run.coverage) {
                *out = mix(*out, gray, coverage);
            }
        }
    }
}
