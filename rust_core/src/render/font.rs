//! The bundled fonts: outlines, measures, and letters as masks.

use std::{ops::Range, sync::LazyLock};

use rustc_hash::FxHashMap;
use skrifa::{
    FontRef, GlyphId, MetadataProvider,
    instance::{LocationRef, Size},
    outline::OutlinePen,
    raw::{
        TableProvider,
        tables::glyf::{
            Glyph, PointFlags,
            outline::{PathContourStart, outline_to_path},
        },
        types::{BigEndian, Point as Place},
    },
};

use super::outline::{Mask, Outline, Point};

/// A bundled font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Face {
    Sans,
    SansBold,
    Mono,
    MonoBold,
    Serif,
    SerifBold,
}

const FILES: [&[u8]; 6] = [
    include_bytes!("../../assets/DejaVuSans.ttf"),
    include_bytes!("../../assets/DejaVuSans-Bold.ttf"),
    include_bytes!("../../assets/DejaVuSansMono.ttf"),
    include_bytes!("../../assets/DejaVuSansMono-Bold.ttf"),
    include_bytes!("../../assets/DejaVuSerif.ttf"),
    include_bytes!("../../assets/DejaVuSerif-Bold.ttf"),
];

/// Height of capitals in font units; the same in all faces, as a test holds.
const CAP: f32 = 1493.0;
/// The first and the number of the printable ASCII characters.
const FIRST: u8 = b' ';
const COUNT: usize = 95;
/// Horizontal positions within a pixel for which a letter has a mask of its own.
const PHASES: usize = 4;
/// Letters that a print has, each in all phases.
pub(super) const NUMBERS: usize = COUNT * PHASES;
/// Below this cap height round letters do not overshoot the lines: half a gray row would blur them.
const SNAPPED: u16 = 24;

/// Where a letter's ink begins and ends, and how far the next letter is; font units.
#[derive(Clone, Copy, Default)]
struct Measure {
    left: f32,
    right: f32,
    advance: f32,
}

struct Metrics {
    letters: [Measure; COUNT],
    /// Height of small letters without ascender.
    small: f32,
}

static METRICS: LazyLock<Vec<Metrics>> = LazyLock::new(|| {
    let faces = [Face::Sans, Face::SansBold, Face::Mono, Face::MonoBold, Face::Serif, Face::SerifBold];
    faces.iter().map(|&face| Metrics::of(face)).collect()
});

impl Metrics {
    fn of(face: Face) -> Self {
        let font = face.font();
        let advances = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut letters = [Measure::default(); COUNT];
        for (code, letter) in (FIRST..).zip(&mut letters) {
            let glyph = font.charmap().map(char::from(code)).expect("the subset has printable ASCII");
            letter.advance = advances.advance_width(glyph).expect("a glyph has a width");
            let bounds = face.outline(char::from(code)).bounds();
            [letter.left, _, letter.right, _] = bounds.unwrap_or([0.0, 0.0, letter.advance, 0.0]);
        }
        let [_, top, _, _] = face.outline('x').bounds().expect("x has ink");
        Self { letters, small: -top }
    }
}

impl Face {
    fn font(self) -> FontRef<'static> {
        FontRef::new(FILES[self as usize]).expect("the bundled fonts are well-formed")
    }

    fn metrics(self) -> &'static Metrics {
        &METRICS[self as usize]
    }

    /// A character's outline in font units, y down from the baseline. Empty if the font has none.
    pub fn outline(self, character: char) -> Outline {
        let mut pen = Pen::default();
        if let Some(glyph) = self.font().charmap().map(character) {
            self.draw(glyph, &mut pen).expect("the bundled outlines are well-formed");
        }
        pen.outline
    }

    /// Draws a glyph from its points as they are. What scales, hints and puts glyphs together would
    /// ask the platform's libm, whose symbols tie a binary to young systems, and have nothing to do
    /// here: the subsets have no glyph that is made of others.
    fn draw(self, glyph: GlyphId, pen: &mut Pen) -> Option<()> {
        let font = self.font();
        let (loca, glyf) = (font.loca(None).ok()?, font.glyf().ok()?);
        let simple = match loca.get_glyf(glyph, &glyf).ok()? {
            None => return Some(()),
            Some(Glyph::Simple(simple)) => simple,
            Some(Glyph::Composite(_)) => return None,
        };
        let count = simple.num_points();
        let (mut points, mut flags) = (vec![Place::<f32>::default(); count], vec![PointFlags::default(); count]);
        simple.read_points_fast(&mut points, &mut flags).ok()?;
        let ends: Vec<u16> = simple.end_pts_of_contours().iter().map(BigEndian::get).collect();
        outline_to_path(&points, &flags, &ends, PathContourStart::ScanBackward, pen).then_some(())
    }

    /// The width of a text's ink in cap heights.
    pub fn extent(self, text: &str) -> f32 {
        let letters = &self.metrics().letters;
        let (mut pen, mut left, mut right) = (0.0_f32, f32::MAX, 0.0_f32);
        for byte in text.bytes() {
            let letter = letters[index(byte)];
            left = left.min(pen + letter.left);
            right = right.max(pen + letter.right);
            pen += letter.advance;
        }
        (right - left).max(0.0) / CAP
    }
}

/// Labels are printable ASCII; anything else shows as a question mark.
fn index(byte: u8) -> usize {
    let at = usize::from(byte.wrapping_sub(FIRST));
    if at < COUNT { at } else { usize::from(b'?' - FIRST) }
}

/// Collects an outline, curves as chords: at the sizes drawn here eight a curve are as good as the curve.
#[derive(Default)]
struct Pen {
    outline: Outline,
    at: Point,
}

impl Pen {
    fn push(&mut self, point: Point) {
        self.at = point;
        self.outline.contours.last_mut().expect("a contour begins with a move").push(point);
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.outline.contours.push(Vec::new());
        self.push([x, -y]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push([x, -y]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let [ax, ay] = self.at;
        for step in 1..=8_u8 {
            let t = f32::from(step) / 8.0;
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            self.push([a * ax + b * cx + c * x, a * ay - b * cy - c * y]);
        }
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        debug_assert!(false, "TrueType outlines have no cubic curves");
        self.line_to(x, y);
    }

    fn close(&mut self) {}
}

/// A font at a size. Capitals are whole pixels high, so that their edges are sharp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Print {
    pub face: Face,
    /// Height of capitals in pixels.
    pub cap: u16,
    /// Width in 1/32 of the font's own: narrow cells take slightly condensed letters.
    pub squeeze: u8,
    /// Reads from bottom to top.
    pub turned: bool,
}

impl Print {
    /// The largest print in which a text of this extent fits into `width` pixels, at most `cap` high.
    pub fn fit(face: Face, extent: f32, width: usize, cap: usize) -> Self {
        // A pixel goes to the rounding of positions.
        let width = (width as f32 - 1.0).max(1.0);
        // Letters of readable size are not condensed below 27/32.
        let readable = (width * 32.0 / (27.0 * extent)) as usize;
        let mut cap = cap.min(readable.max(7)).max(1) as u16;
        loop {
            // Letters too small to read are condensed further before they shrink further.
            let least = match cap {
                0..=3 => 8,
                4 => 19,
                5 => 23,
                6 => 25,
                _ => 27,
            };
            let squeeze = (width / (extent * f32::from(cap)) * 32.0).min(32.0) as u8;
            // Few widths, so that what is rasterised is used again.
            let squeeze = if squeeze > 27 { squeeze & !1 } else { squeeze };
            if squeeze >= least || cap == 1 {
                return Self { face, cap, squeeze: squeeze.max(4), turned: false };
            }
            cap -= 1;
        }
    }

    /// How well it reads: its size, condensed letters counting less.
    pub fn legibility(self) -> f32 {
        f32::from(self.cap) * (f32::from(self.squeeze) + 64.0) / 96.0
    }

    fn scale(self) -> f32 {
        f32::from(self.cap) / CAP * f32::from(self.squeeze) / 32.0
    }
}

/// A word's ink. `top` is where it begins, from the top of capitals on.
pub(super) struct Word {
    pub mask: Mask,
    pub top: i32,
}

/// Letters are kept and added up by so many pixels at once.
const BLOCK: usize = 8;

/// A letter's ink. `left` is where it begins from the pen's whole pixel.
pub(super) struct Letter {
    pub width: usize,
    pub height: usize,
    left: i32,
    top: i32,
    /// Coverage, row after row; beyond the width there is none.
    blocks: Vec<[u8; BLOCK]>,
}

/// Letters of one print, by character and phase.
type Case = Vec<Option<Letter>>;

/// What was rasterised so far: letters, because few words come again before the memory is full,
/// and a word is soon set from its letters.
#[derive(Default)]
pub(super) struct Letters {
    cases: FxHashMap<Print, Case>,
    bytes: usize,
    /// The letters of the word at hand, and where they begin.
    places: Vec<(usize, i32)>,
}

/// Bytes of letters kept at most; beyond it the memory starts afresh.
const KEPT: usize = 16 << 20;

/// A level word as its letters, cropped to its ink.
pub(super) struct Line<'a> {
    pub width: usize,
    height: usize,
    /// Where it begins, from the top of capitals on.
    pub top: i32,
    left: i32,
    case: &'a Case,
    places: &'a [(usize, i32)],
}

impl<'a> Line<'a> {
    /// How many letters it has.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Number below [`NUMBERS`], place and ink of a letter; from left to right they count up.
    #[inline]
    pub fn letter(&self, at: usize) -> (usize, [usize; 2], &'a Letter) {
        let (number, left) = self.places[at];
        let letter = self.case[number].as_ref().expect("placed letters are made");
        (number, [(left - self.left) as usize, (letter.top - self.top) as usize], letter)
    }

    /// How much of a pixel the letters in a range cover together.
    pub fn coverage(&self, range: Range<usize>, column: usize, row: usize) -> u8 {
        let parts = range.map(|at| {
            let (_, [x, y], letter) = self.letter(at);
            letter.at(column.wrapping_sub(x), row.wrapping_sub(y))
        });
        parts.fold(0, u8::saturating_add)
    }
}

impl Letters {
    /// Sets a word level.
    pub fn line(&mut self, print: Print, text: &str) -> Line<'_> {
        if self.bytes > KEPT {
            self.cases.clear();
            self.bytes = 0;
        }
        let measures = &print.face.metrics().letters;
        let scale = print.scale();
        let case = self.cases.entry(print).or_insert_with(|| {
            self.bytes += NUMBERS * size_of::<Option<Letter>>();
            (0..NUMBERS).map(|_| None).collect()
        });
        // The first letter's ink begins on a whole pixel, or less than a phase after it.
        let inset = text.bytes().next().map_or(0.0, |byte| measures[index(byte)].left * scale);
        let mut pen = ((inset.ceil() - inset) * PHASES as f32).ceil() / PHASES as f32;
        let mut bounds: Option<[i32; 4]> = None;
        self.places.clear();
        for at in text.bytes().map(index) {
            let quarters = (pen * PHASES as f32 + 0.5) as usize;
            pen += measures[at].advance * scale;
            let (whole, number) = ((quarters / PHASES) as i32, at * PHASES + quarters % PHASES);
            let letter = case[number].get_or_insert_with(|| {
                let letter = Letter::new(print, at, quarters % PHASES);
                self.bytes += letter.blocks.len() * BLOCK;
                letter
            });
            if letter.width > 0 {
                let (left, top) = (whole + letter.left, letter.top);
                let own = [left, top, left + letter.width as i32, top + letter.height as i32];
                bounds = Some(match bounds {
                    Some([l, t, r, b]) => [l.min(own[0]), t.min(own[1]), r.max(own[2]), b.max(own[3])],
                    None => own,
                });
                self.places.push((number, left));
            }
        }
        let [left, top, right, bottom] = bounds.unwrap_or_default();
        let (width, height) = ((right - left) as usize, (bottom - top) as usize);
        Line { width, height, top, left, case, places: &self.places }
    }

    /// Sets a word, turned if the print is.
    pub fn word(&mut self, print: Print, text: &str) -> Word {
        let line = self.line(print, text);
        let (width, height, top) = (line.width, line.height, line.top);
        // What a block is wider than its letter adds nothing, but must be there to be added to.
        let mut coverage = vec![0; width * height + BLOCK];
        for at in 0..line.len() {
            let (_, [x, y], letter) = line.letter(at);
            letter.add(&mut coverage[y * width + x..], width);
        }
        coverage.truncate(width * height);
        let mask = Mask { width, height, coverage };
        Word { mask: if print.turned { mask.turned() } else { mask }, top }
    }
}

impl Letter {
    fn new(print: Print, at: usize, phase: usize) -> Self {
        let outline = print.face.outline(char::from(FIRST + at as u8));
        let across = print.scale();
        let shift = phase as f32 / PHASES as f32;
        let small = print.face.metrics().small;
        let lower = (FIRST + at as u8).is_ascii_lowercase();
        let moved = outline.map(|[x, y]| [x * across + shift, line(print.cap, small, lower, -y)]);
        let Some([left, top, right, bottom]) = moved.bounds() else {
            return Self { width: 0, height: 0, left: 0, top: 0, blocks: vec![] };
        };
        let (left, top) = (left.floor(), top.floor());
        let (width, height) = ((right - left).ceil() as usize, (bottom - top).ceil() as usize);
        let mask = moved.map(|[x, y]| [x - left, y - top]).mask(width, height);
        let mut blocks = Vec::with_capacity(width.div_ceil(BLOCK) * height);
        for row in mask.coverage.chunks_exact(width.max(1)) {
            blocks.extend(row.chunks(BLOCK).map(|part| {
                let mut block = [0; BLOCK];
                block[..part.len()].copy_from_slice(part);
                block
            }));
        }
        Self { width, height, left: left as i32, top: top as i32, blocks }
    }

    /// Coverage, row by row.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.chunks_exact(self.width.div_ceil(BLOCK)).map(|blocks| &blocks.as_flattened()[..self.width])
    }

    /// How much of a pixel is covered, nothing outside of the box.
    pub fn at(&self, x: usize, y: usize) -> u8 {
        if x < self.width && y < self.height {
            self.blocks[y * self.width.div_ceil(BLOCK) + x / BLOCK][x % BLOCK]
        } else {
            0
        }
    }

    /// Adds the ink to coverage whose rows are `stride` pixels, from its first pixel on.
    fn add(&self, coverage: &mut [u8], stride: usize) {
        for (row, blocks) in self.blocks.chunks_exact(self.width.div_ceil(BLOCK)).enumerate() {
            let (sums, _) = coverage[row * stride..].as_chunks_mut::<BLOCK>();
            for (sums, block) in sums.iter_mut().zip(blocks) {
                for (sum, part) in sums.iter_mut().zip(block) {
                    *sum = sum.saturating_add(*part);
                }
            }
        }
    }
}

/// The row of a height above the baseline. Baseline, small letters' top and capitals' top come to
/// lie on whole pixels, what is between is stretched: letters are sharp without a font's hints.
fn line(cap: u16, small: f32, lower: bool, height: f32) -> f32 {
    let pixels = f32::from(cap);
    let over = if cap < SNAPPED { 40.0 } else { 0.0 };
    let snap = |height: f32, to: f32| if (height - to).abs() <= over { to } else { height };
    let height = snap(snap(height, 0.0), CAP);
    if !lower || height <= 0.0 {
        return pixels - height * pixels / CAP;
    }
    let height = snap(height, small);
    let middle = (small * pixels / CAP).round();
    let up = if height <= small {
        height * middle / small
    } else {
        middle + (height - small) * (pixels - middle) / (CAP - small)
    };
    pixels - up
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SYMBOLS;

    const FACES: [Face; 6] = [Face::Sans, Face::SansBold, Face::Mono, Face::MonoBold, Face::Serif, Face::SerifBold];

    #[test]
    fn every_character_that_is_printed_has_ink() {
        for (name, symbol) in SYMBOLS {
            assert!(Face::Sans.outline(symbol).bounds().is_some(), "{name}");
        }
        for face in FACES {
            for byte in b'!'..=b'~' {
                assert!(face.outline(char::from(byte)).bounds().is_some(), "{face:?} {byte}");
            }
            let [_, top, _, _] = face.outline('H').bounds().unwrap();
            assert!((-top - CAP).abs() < 0.5, "{face:?}");
        }
    }

    #[test]
    fn words_fit_where_they_were_fitted() {
        let mut letters = Letters::default();
        for face in FACES {
            for width in 6..90 {
                for text in ["ZERO", "7", "AlphaWidget", "September", "Jan", "fj", "a", "W"] {
                    let print = Print::fit(face, face.extent(text), width, 20);
                    let word = letters.word(print, text);
                    if print.cap > 1 {
                        assert!(word.mask.width <= width, "{text} {print:?}: {} > {width}", word.mask.width);
                    }
                    assert!(word.mask.coverage.iter().any(|&c| c > 0));
                }
            }
        }
    }

    #[test]
    fn capitals_are_sharp_at_top_and_bottom() {
        for cap in 12..40 {
            let mut letters = Letters::default();
            let word = letters.word(Print { face: Face::Sans, cap, squeeze: 32, turned: false }, "HEL");
            assert_eq!((word.top, word.mask.height), (0, usize::from(cap)));
            assert!(word.mask.coverage[..word.mask.width].contains(&255));
        }
    }
}
