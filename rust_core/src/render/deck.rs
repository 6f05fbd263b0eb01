//! What is printed in cells, blended once per print and color and then copied.

use rustc_hash::FxHashMap;

use super::{
    blend::Rgb,
    canvas::{Area, Canvas, Tile},
    figure,
    font::{Face, Letters, NUMBERS, Print},
    grounds::GROUNDS,
    outline::Mask,
    pixel::{Pair, Pixel, Shades, shades},
};
use crate::scene::{Mark, OBJECTS, SYMBOLS};

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const WORDS: [&str; 10] = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"];

const FIRST_WORD: usize = 10;
const FIRST_SYMBOL: usize = 20;
const WALKER: usize = FIRST_SYMBOL + SYMBOLS.len();
const MARKS: usize = WALKER + 1;

/// The widest digit and the widest word, in cap heights.
pub(super) fn value_extent(face: Face, words: bool) -> f32 {
    let texts = if words { &WORDS } else { &DIGITS };
    texts.iter().map(|text| face.extent(text)).fold(0.0, f32::max)
}

/// Where masks come from; it keeps those it has made.
#[derive(Default)]
pub(super) struct Press {
    letters: Letters,
    symbols: FxHashMap<(usize, usize), Mask>,
    bytes: usize,
}

/// Bytes of symbols' masks kept at most; beyond it the memory starts afresh.
const KEPT: usize = 16 << 20;

impl Press {
    fn symbol(&mut self, symbol: usize, side: usize) -> &Mask {
        if self.bytes > KEPT {
            self.symbols.clear();
            self.bytes = 0;
        }
        self.symbols.entry((symbol, side)).or_insert_with(|| {
            let mask = figure::symbol(SYMBOLS[symbol].1, side);
            self.bytes += mask.coverage.len() + 64;
            mask
        })
    }
}

/// Everything that decides what a mark or a label looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Look<P = Rgb> {
    pub print: Print,
    /// The longer side of a symbol, in pixels.
    pub side: usize,
    pub pairs: [Pair<P>; GROUNDS],
    /// Objects' pairs on the first grounds.
    pub objects: [Pair<P>; 2],
}

/// A printed thing: pixels in the deck, and where they lie in a cell.
#[derive(Debug, Clone, Copy)]
struct Strip {
    at: u32,
    width: u16,
    height: u16,
    /// What is centered: the strip, or for text the height of its capitals.
    span: [u16; 2],
    /// Where the strip begins within that.
    shift: [i16; 2],
}

impl Strip {
    fn centered(at: usize, width: usize, height: usize) -> Self {
        let (width, height) = (width as u16, height as u16);
        Self { at: at as u32, width, height, span: [width, height], shift: [0, 0] }
    }
}

/// Where something begins in a room in which a span of it is centered, not before the room.
#[inline]
fn placed(from: usize, room: usize, span: u16, shift: i16) -> usize {
    let at = from + room.saturating_sub(usize::from(span)) / 2;
    at.saturating_add_signed(isize::from(shift)).max(from)
}

/// Strips of one look.
pub(super) struct Deck<P: Pixel> {
    look: Look<P>,
    /// By mark and ground; empty until a mark is printed.
    marks: Vec<Option<Strip>>,
    /// Turned labels; level ones are set from letters.
    labels: FxHashMap<String, Strip>,
    /// Where a letter's pixels are, by number; empty until a label is set.
    letters: Vec<Option<u32>>,
    pixels: Vec<P>,
    shades: [Option<Box<Shades<P>>>; GROUNDS],
}

/// Pixels kept in a deck; beyond it the deck starts afresh.
const PIXELS: usize = 1 << 20;
/// Pixels in all decks with which no other deck is opened before all start afresh.
const ALL_PIXELS: usize = 11 << 20;

/// The decks in use.
pub(super) struct Decks<P: Pixel> {
    known: FxHashMap<Look<P>, usize>,
    all: Vec<Deck<P>>,
    most: usize,
}

impl<P: Pixel> Decks<P> {
    /// Room for `most` decks; when there are more, all start afresh.
    pub fn new(most: usize) -> Self {
        Self { known: FxHashMap::default(), all: vec![], most }
    }

    /// The deck of a look.
    pub fn deck(&mut self, look: Look<P>) -> &mut Deck<P> {
        let place = match self.known.get(&look) {
            Some(&place) => place,
            None => self.open(look),
        };
        &mut self.all[place]
    }

    fn open(&mut self, look: Look<P>) -> usize {
        if self.known.len() >= self.most {
            self.known.clear();
        }
        if self.all.iter().map(|deck| deck.pixels.capacity()).sum::<usize>() > ALL_PIXELS {
            self.known.clear();
            self.all.clear();
        }
        let place = self.known.len();
        if place == self.all.len() {
            self.all.push(Deck {
                look,
                marks: vec![],
                labels: FxHashMap::default(),
                letters: vec![],
                pixels: vec![],
                shades: Default::default(),
            });
        }
        self.all[place].restart(look);
        self.known.insert(look, place);
        place
    }
}

impl<P: Pixel> Deck<P> {
    fn restart(&mut self, look: Look<P>) {
        if self.look.pairs != look.pairs {
            self.shades = Default::default();
        }
        self.look = look;
        self.marks.clear();
        self.labels.clear();
        self.letters.clear();
        self.pixels.clear();
    }

    /// Prints a mark into a cell that is painted with a ground.
    pub fn mark(&mut self, press: &mut Press, mark: Mark, ground: usize, cell: Area, canvas: &mut Canvas<'_, P>) {
        let number = match mark {
            Mark::Blank => return,
            Mark::Digit(digit) => usize::from(digit % 10),
            Mark::DigitWord(digit) => FIRST_WORD + usize::from(digit % 10),
            Mark::Symbol(symbol) => FIRST_SYMBOL + usize::from(symbol) % SYMBOLS.len(),
            Mark::Walker => WALKER,
        };
        let strip = match self.marks.get(number * GROUNDS + ground) {
            Some(&Some(strip)) => strip,
            _ => self.make_mark(press, number, ground),
        };
        self.paste(strip, cell, canvas);
    }

    /// Prints a label into a cell that is painted with the first ground.
    pub fn label(&mut self, press: &mut Press, text: &str, cell: Area, canvas: &mut Canvas<'_, P>) {
        if !self.look.print.turned {
            self.set(press, text, cell, canvas);
            return;
        }
        let strip = if let Some(&strip) = self.labels.get(text) {
            strip
        } else {
            self.make_room();
            let strip = self.text(press, text, 0);
            self.labels.insert(text.to_owned(), strip);
            strip
        };
        self.paste(strip, cell, canvas);
    }

    /// Sets a level label letter by letter. There are a thousand names and few letters: these stay near.
    fn set(&mut self, press: &mut Press, text: &str, cell: Area, canvas: &mut Canvas<'_, P>) {
        self.make_room();
        let print = self.look.print;
        let pair = self.look.pairs[0];
        let shades = self.shades[0].get_or_insert_with(|| Box::new(shades(pair)));
        self.letters.resize(NUMBERS, None);
        let line = press.letters.line(print, text);
        let left = placed(cell.x, cell.width, line.width as u16, 0);
        let top = placed(cell.y, cell.height, print.cap, line.top as i16);
        let mut reach = 0; // where the columns end that letters before have written to
        let mut near = 0; // the first letter that this one may touch
        for at in 0..line.len() {
            let (number, [x, y], letter) = line.letter(at);
            let start = *self.letters[number].get_or_insert_with(|| {
                let start = self.pixels.len();
                letter.rows().for_each(|row| P::develop(&mut self.pixels, row, shades));
                start as u32
            });
            let pixels = &self.pixels[start as usize..][..letter.width * letter.height];
            let shared = reach.max(x).min(x + letter.width) - x;
            canvas.blit_right(left + x, top + y, cell, Tile { pixels, width: letter.width }, shared);
            if shared == 0 {
                near = at;
            }
            // Where letters touch, their coverage adds up.
            for column in x..x + shared {
                for row in y..y + letter.height {
                    let coverage = usize::from(line.coverage(near..at + 1, column, row));
                    let pixels = &[P::plain(shades[coverage])];
                    canvas.blit(left + column, top + row, cell, Tile { pixels, width: 1 });
                }
            }
            reach = reach.max(x + letter.width);
        }
    }

    #[inline]
    fn paste(&self, strip: Strip, cell: Area, canvas: &mut Canvas<'_, P>) {
        let x = placed(cell.x, cell.width, strip.span[0], strip.shift[0]);
        let y = placed(cell.y, cell.height, strip.span[1], strip.shift[1]);
        let (width, height) = (usize::from(strip.width), usize::from(strip.height));
        let pixels = &self.pixels[strip.at as usize..][..width * height];
        canvas.blit(x, y, cell, Tile { pixels, width });
    }

    fn make_room(&mut self) {
        if self.pixels.len() > PIXELS {
            self.restart(self.look);
        }
    }

    #[cold]
    fn make_mark(&mut self, press: &mut Press, number: usize, ground: usize) -> Strip {
        self.make_room();
        let pair = self.look.pairs[ground];
        let strip = match number {
            0..FIRST_WORD => self.text(press, DIGITS[number], ground),
            FIRST_WORD..FIRST_SYMBOL => self.text(press, WORDS[number - FIRST_WORD], ground),
            FIRST_SYMBOL..WALKER => {
                let symbol = number - FIRST_SYMBOL;
                let object = *self.look.objects.get(ground).filter(|_| symbol < OBJECTS).unwrap_or(&pair);
                let of_objects = Some(object).filter(|object| *object != pair).map(shades);
                let shades = self.shades[ground].get_or_insert_with(|| Box::new(shades(pair)));
                let at = self.pixels.len();
                let Mask { width, height, coverage } = press.symbol(symbol, self.look.side);
                P::develop(&mut self.pixels, coverage, of_objects.as_ref().unwrap_or(shades));
                Strip::centered(at, *width, *height)
            }
            _ => {
                let (at, side) = (self.pixels.len(), self.look.side.max(1));
                self.pixels.extend(P::walker(pair.ground, side));
                Strip::centered(at, side, side)
            }
        };
        if self.marks.is_empty() {
            self.marks.resize(MARKS * GROUNDS, None);
        }
        self.marks[number * GROUNDS + ground] = Some(strip);
        strip
    }

    fn text(&mut self, press: &mut Press, text: &str, ground: usize) -> Strip {
        let print = self.look.print;
        let word = press.letters.word(print, text);
        let at = self.pixels.len();
        let pair = self.look.pairs[ground];
        let shades = self.shades[ground].get_or_insert_with(|| Box::new(shades(pair)));
        P::develop(&mut self.pixels, &word.mask.coverage, shades);
        let (width, height, top) = (word.mask.width as u16, word.mask.height as u16, word.top as i16);
        let (span, shift) = if print.turned { ([print.cap, height], [top, 0]) } else { ([width, print.cap], [0, top]) };
        Strip { at: at as u32, width, height, span, shift }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACES: [Face; 6] = [Face::Sans, Face::SansBold, Face::Mono, Face::MonoBold, Face::Serif, Face::SerifBold];

    /// Words in which every printable character follows others, and some with letters that overlap.
    fn texts(stride: usize) -> Vec<String> {
        let walk: Vec<u8> = (0..95 * 2).map(|at| b' ' + (at / 2 + at % 2 * stride) as u8 % 95).collect();
        let walks = walk.chunks(12).map(|part| part.iter().copied().map(char::from).collect());
        let labels = ["AlphaWidget", "QuartzKeypad", "MapleKettle", "September", "Jay", "fjfjord", "WAVATY", "a", ""];
        labels.iter().chain(&DIGITS).chain(&WORDS).map(|&text| text.to_owned()).chain(walks).collect()
    }

    /// A picture of one ground with a word on it, in a cell that leaves a margin.
    fn picture([width, height]: [usize; 2], draw: impl FnOnce(Area, &mut Canvas<'_, Rgb>)) -> Vec<Rgb> {
        let cell = Area::new(3, 2, width, height);
        let mut out = vec![[0; 3]; (width + 9) * (height + 7)];
        let mut canvas = Canvas { out: &mut out, width: width + 9, height: height + 7, stride: width + 9 };
        canvas.fill(cell, PAIR.ground);
        draw(cell, &mut canvas);
        out
    }

    const PAIR: Pair = Pair { ground: [250, 240, 210], ink: [10, 40, 90] };

    #[test]
    fn letters_one_by_one_are_the_word_as_a_whole() {
        let mut press = Press::default();
        let prints = (1..40).chain([56, 90]).zip([32, 27, 19, 30, 8].into_iter().cycle());
        for (at, (cap, squeeze)) in prints.enumerate() {
            for face in FACES {
                let look = Look {
                    print: Print { face, cap, squeeze, turned: false },
                    side: 0,
                    pairs: [PAIR; GROUNDS],
                    objects: [PAIR; 2],
                };
                let mut decks = Decks::new(1);
                let deck = decks.deck(look);
                for text in texts(7 * at + 1) {
                    let strip = deck.text(&mut press, &text, 0);
                    let (wide, high) = (usize::from(strip.width) + 4, usize::from(strip.height) + 6);
                    // With room to spare, and where the cell crops it.
                    let sizes = [[wide, high], [wide / 2 + 1, usize::from(cap)]];
                    let wholes = sizes.map(|size| picture(size, |cell, canvas| deck.paste(strip, cell, canvas)));
                    for (size, whole) in sizes.into_iter().zip(wholes) {
                        let single = picture(size, |cell, canvas| deck.label(&mut press, &text, cell, canvas));
                        assert!(whole == single, "{text:?} in {size:?} of {:?}", look.print);
                    }
                }
            }
        }
    }
}
