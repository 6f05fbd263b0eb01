//! A sheet's colors, as themselves or as indices of a palette.
//!
//! Which indices a sheet takes follows from its colors alone, not from what it shows, so what is
//! printed in indices can be kept from one sheet to the next, whatever the colors of either.

use super::{
    blend::{Rgb, mix},
    grounds::GROUNDS,
    pixel::{MIXTURES, Pair},
};

/// Everything that a sheet is painted and printed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colors<P = Rgb> {
    /// Around the sheet.
    pub page: P,
    /// Between cells.
    pub line: P,
    /// Borders inside the cells where a path starts and ends, in a table.
    pub rims: Option<[P; 2]>,
    /// Around the cell under a reader's cursor.
    pub cursor: P,
    /// Row and column labels.
    pub label: Pair<P>,
    /// Values, by ground.
    pub pairs: [Pair<P>; GROUNDS],
    /// Objects on the first grounds, whose ink may differ from that of obstacles.
    pub objects: [Pair<P>; 2],
}

/// The order of grounds on a palette, those that most sheets show first: what comes after the last one
/// that a picture shows need not be in its file.
const ORDER: [usize; GROUNDS] = [0, 3, 4, 2, 1, 5];

impl Colors {
    /// The same in indices, and the palette, of at most 256 colors.
    pub fn indexed(&self) -> (Colors<u8>, Vec<Rgb>) {
        let mut pairs = vec![self.label];
        pairs.extend(ORDER.map(|ground| self.pairs[ground]));
        pairs.extend(self.objects);
        let mut palette: Vec<Rgb> = vec![];
        let flat = [self.page, self.line, self.cursor];
        for color in flat.into_iter().chain(self.rims.into_iter().flatten()).chain(pairs.iter().map(|pair| pair.ink)) {
            if !palette.contains(&color) && pairs.iter().all(|pair| pair.ground != color) {
                palette.push(color);
            }
        }
        let inks = palette.len();
        let mut starts: Vec<usize> = vec![];
        for (at, pair) in pairs.iter().enumerate() {
            if let Some(same) = pairs[..at].iter().position(|other| other == pair) {
                starts.push(starts[same]);
                continue;
            }
            starts.push(palette.len());
            for level in 0..MIXTURES {
                let coverage = (level * 255 / MIXTURES) as u8;
                palette.push([0, 1, 2].map(|part| mix(pair.ground[part], pair.ink[part], coverage)));
            }
        }
        let of = |color: Rgb| {
            let alone = palette[..inks].iter().position(|other| *other == color);
            let ground = || pairs.iter().position(|pair| pair.ground == color).map(|at| starts[at]);
            alone.or_else(ground).expect("every color is on the palette") as u8
        };
        let paired = |pair: Pair| {
            let at = pairs.iter().position(|other| *other == pair).expect("every pair is on the palette");
            Pair { ground: starts[at] as u8, ink: of(pair.ink) }
        };
        let indexed = Colors {
            page: of(self.page),
            line: of(self.line),
            rims: self.rims.map(|rims| rims.map(of)),
            cursor: of(self.cursor),
            label: paired(self.label),
            pairs: self.pairs.map(paired),
            objects: self.objects.map(paired),
        };
        (indexed, palette)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        render::{Theme, pixel::Pixel, style::SheetStyle},
        rng::Rng,
        scene::Kind,
    };

    #[test]
    fn every_index_is_its_color() {
        for kind in [Kind::Table, Kind::Board] {
            for theme in [Theme::Paper, Theme::Compact, Theme::Varied] {
                for key in 0..300 {
                    let colors = SheetStyle::of(theme, kind, &mut Rng::keyed([key; 4])).colors;
                    let (indexed, palette) = colors.indexed();
                    assert!(palette.len() <= 256);
                    let alike = |index: u8, color: Rgb| assert_eq!(palette[usize::from(index)], color, "{colors:?}");
                    alike(indexed.page, colors.page);
                    alike(indexed.line, colors.line);
                    alike(indexed.cursor, colors.cursor);
                    for (index, color) in indexed.rims.iter().flatten().zip(colors.rims.iter().flatten()) {
                        alike(*index, *color);
                    }
                    let pairs = [(indexed.label, colors.label)].into_iter();
                    let pairs = pairs.chain(indexed.pairs.into_iter().zip(colors.pairs));
                    for (pair, color) in pairs.chain(indexed.objects.into_iter().zip(colors.objects)) {
                        for coverage in (0..=255).step_by(17) {
                            alike(u8::shade(pair, coverage), Rgb::plain(Rgb::shade(color, coverage)));
                        }
                    }
                }
            }
        }
    }
}
