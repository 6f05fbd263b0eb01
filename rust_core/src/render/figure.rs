//! What is drawn and not printed: symbols by their ink, the walker, the analogies' shapes and lines.

use super::{
    blend::Rgb,
    font::Face,
    outline::{Mask, Outline, Point, circle, stroke},
};

/// A pictogram scaled by its own ink, so that all look about equally large: `side` is the longer
/// side of a slender one, a square one is smaller.
pub(super) fn symbol(character: char, side: usize) -> Mask {
    let outline = Face::Sans.outline(character);
    let Some([left, top, right, bottom]) = outline.bounds() else {
        return Mask::default();
    };
    let (width, height, side) = (right - left, bottom - top, side as f32);
    let scale = (side / width.max(height)).min((0.74 * side * side / (width * height)).sqrt());
    // Whole pixels, so that straight edges are sharp.
    let (columns, rows) = ((width * scale).round().max(1.0), (height * scale).round().max(1.0));
    let (across, down) = (columns / width, rows / height);
    outline.map(|[x, y]| [(x - left) * across, (y - top) * down]).mask(columns as usize, rows as usize)
}

/// The walker: a disc with two rings that stands out from every ground. Lowest layer first.
pub(super) fn walker(side: usize) -> [(Mask, Rgb); 3] {
    let side = side.max(1);
    let middle = side as f32 / 2.0;
    [(1.0, [20, 20, 20]), (0.86, [255, 255, 255]), (0.66, [240, 60, 0])].map(|(part, ink)| {
        let mut disc = Outline::default();
        disc.add(circle([middle, middle], middle * part));
        (disc.mask(side, side), ink)
    })
}

/// A shape's edge and what it encloses.
pub(super) struct ShapeMasks {
    pub whole: Mask,
    pub inside: Mask,
}

const TRIANGLE: [Point; 3] = [[0.0, -1.0], [0.866_025_4, 0.5], [-0.866_025_4, 0.5]];
const PENTAGON: [Point; 5] = [
    [0.0, -1.0],
    [0.951_056_5, -0.309_017],
    [0.587_785_25, 0.809_017],
    [-0.587_785_25, 0.809_017],
    [-0.951_056_5, -0.309_017],
];
const HEXAGON: [Point; 6] =
    [[1.0, 0.0], [0.5, 0.866_025_4], [-0.5, 0.866_025_4], [-1.0, 0.0], [-0.5, -0.866_025_4], [0.5, -0.866_025_4]];

/// The edge's width at most, as a part of the distance from a shape's center to its sides.
const EDGE: f32 = 0.3;

/// A shape of [`crate::scene::SHAPE_KINDS`] for a slot of `slot` pixels, `size` 0 to 3.
pub(super) fn shape(kind: u8, size: u8, slot: usize) -> ShapeMasks {
    let slot = slot as f32;
    let edge = (slot / 22.0).max((slot / 9.0).min(1.0));
    let wanted = slot * [0.42, 0.58, 0.74, 0.90][usize::from(size % 4)];
    // Corners at distance 1 from the center, and the distance of the sides.
    let half = 0.707_106_77;
    let (corners, side) = match kind % 5 {
        0 => (circle([0.0, 0.0], 1.0), 1.0),
        1 => (vec![[-half, -half], [half, -half], [half, half], [-half, half]], half),
        2 => (TRIANGLE.to_vec(), 0.5),
        3 => (PENTAGON.to_vec(), 0.809_017),
        _ => (HEXAGON.to_vec(), 0.866_025_4),
    };
    let mut outline = Outline::default();
    outline.add(corners.iter().copied());
    let [left, top, right, bottom] = outline.bounds().expect("a shape has corners");
    // All are equally wide, but a square looks larger; whole pixels make straight edges sharp.
    let wanted = if kind % 5 == 1 { wanted * 0.9 } else { wanted };
    let scale = wanted / (right - left);
    let (width, height) = (wanted.round().max(1.0), ((bottom - top) * scale).round().max(1.0));
    let (across, down) = (width / (right - left), height / (bottom - top));
    // A small figure's edge takes no more of it than this, so that its gray shows.
    let shrunk = 1.0 - (edge / (side * scale)).min(EDGE);
    let masked = |by: f32| {
        let place = |[x, y]: Point| [(x * by - left) * across, (y * by - top) * down];
        outline.map(place).mask(width as usize, height as usize)
    };
    ShapeMasks { whole: masked(1.0), inside: masked(shrunk) }
}

/// A line of [`crate::scene::LINE_KINDS`] across a panel of `side` pixels. A "v up" is open at the
/// top, like the letter, and so on round.
pub(super) fn line(kind: u8, side: usize, width: usize) -> Mask {
    let thick = width as f32;
    let margin = (side as f32 * 0.05).ceil() + thick * 0.5;
    let (near, far) = (margin, side as f32 - margin);
    // Where a level line of whole pixels has its middle.
    let middle = (side.saturating_sub(width) / 2) as f32 + thick * 0.5;
    let center = side as f32 * 0.5;
    let radius = (far - near) * 0.5;
    let mut outline = Outline::default();
    let mut along = |points: &[Point]| {
        for ends in points.windows(2) {
            outline.add(stroke(ends[0], ends[1], thick));
        }
        for &point in points {
            outline.add(circle(point, thick * 0.5));
        }
    };
    match kind % 10 {
        0 => along(&[[near, near], [far, far]]),
        1 => along(&[[near, far], [far, near]]),
        2 => outline.add(stroke([near - thick * 0.5, middle], [far + thick * 0.5, middle], thick)),
        3 => outline.add(stroke([middle, near - thick * 0.5], [middle, far + thick * 0.5], thick)),
        4 => {
            let diamond =
                |r: f32| [[center, center - r], [center + r, center], [center, center + r], [center - r, center]];
            outline.add(diamond(radius + thick * 0.5));
            outline.cut(diamond((radius - thick * 0.914).max(0.0)));
        }
        5 => {
            outline.add(circle([center, center], radius + thick * 0.5));
            outline.cut(circle([center, center], (radius - thick * 0.5).max(0.0)));
        }
        6 => along(&[[near, near], [center, far], [far, near]]),
        7 => along(&[[near, near], [far, center], [near, far]]),
        8 => along(&[[near, far], [center, near], [far, far]]),
        _ => along(&[[far, near], [near, center], [far, far]]),
    }
    outline.mask(side, side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SYMBOLS;

    #[test]
    fn symbols_fill_what_they_are_given() {
        for (name, character) in SYMBOLS {
            for side in [3, 8, 20, 33, 70] {
                let mask = symbol(character, side);
                let longer = mask.width.max(mask.height);
                assert!(longer <= side && longer * 10 >= side * 8, "{name} {side} {} {}", mask.width, mask.height);
            }
        }
    }

    #[test]
    fn shapes_grow_and_stay_in_their_slot() {
        for kind in 0..5 {
            for slot in 1..80 {
                let widths: Vec<usize> = (0..4).map(|size| shape(kind, size, slot).whole.width).collect();
                assert!(widths.iter().all(|&width| width <= slot));
                assert!(slot < 7 || widths.windows(2).all(|pair| pair[0] < pair[1]), "{kind} {slot} {widths:?}");
            }
        }
    }

    #[test]
    fn the_smallest_shapes_show_their_gray() {
        for kind in 0..5 {
            for slot in 8..40 {
                let inside = shape(kind, 0, slot).inside;
                let filled = inside.coverage.iter().map(|&part| u32::from(part)).sum::<u32>();
                assert!(filled >= 255, "{kind} {slot}: {filled}");
            }
        }
    }

    #[test]
    fn lines_differ_and_stay_off_the_frame() {
        for (side, width) in [(20, 1), (30, 2), (94, 3), (185, 6)] {
            let masks: Vec<Mask> = (0..10).map(|kind| line(kind, side, width)).collect();
            for (i, mask) in masks.iter().enumerate() {
                let rim = |x: usize, y: usize| x == 0 || y == 0 || x == side - 1 || y == side - 1;
                for y in 0..side {
                    for x in 0..side {
                        assert!(!rim(x, y) || mask.at(x, y) == 0, "{i} at {side}");
                    }
                }
                assert!(masks[..i].iter().all(|other| other != mask));
            }
        }
    }
}
