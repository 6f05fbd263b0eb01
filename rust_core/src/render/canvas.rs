//! Where pixels go: an RGB picture, filled and copied by whole rows.

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// A picture being drawn; rows top to bottom, three bytes a pixel.
pub(super) struct Canvas<'a> {
    pub out: &'a mut [u8],
    pub width: usize,
    pub height: usize,
}

/// A small opaque picture, row after row.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a> {
    pub pixels: &'a [u8],
    pub width: usize,
}

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Area {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    pub fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self { x, y, width, height }
    }

    /// The same rectangle without `by` pixels at each side.
    pub fn inset(self, by: usize) -> Self {
        let by = by.min(self.width / 2).min(self.height / 2);
        Self { x: self.x + by, y: self.y + by, width: self.width - 2 * by, height: self.height - 2 * by }
    }
}

impl Canvas<'_> {
    /// Writes `template` to the rows `from..to`, as far as the picture goes.
    pub fn rows(&mut self, from: usize, to: usize, template: &[u8]) {
        let stride = self.width * 3;
        let to = to.min(self.height);
        if from < to {
            for row in self.out[from * stride..to * stride].chunks_exact_mut(stride) {
                row.copy_from_slice(template);
            }
        }
    }

    /// Fills a rectangle, as far as it lies in the picture.
    pub fn fill(&mut self, area: Area, color: Rgb) {
        let (x, y) = (area.x.min(self.width), area.y.min(self.height));
        let width = area.width.min(self.width - x);
        let height = area.height.min(self.height - y);
        if width == 0 || height == 0 {
            return;
        }
        let stride = self.width * 3;
        let start = y * stride + x * 3;
        let (first, rest) = self.out[start..(y + height - 1) * stride + (x + width) * 3].split_at_mut(width * 3);
        flood(first, color);
        if height > 1 {
            for row in rest[stride - width * 3..].chunks_mut(stride) {
                row[..width * 3].copy_from_slice(first);
            }
        }
    }

    /// A border of `thick` pixels along the inside of a rectangle.
    pub fn frame(&mut self, area: Area, thick: usize, color: Rgb) {
        let Area { x, y, width, height } = area;
        let thick = thick.min(width / 2).min(height / 2);
        self.fill(Area::new(x, y, width, thick), color);
        self.fill(Area::new(x, y + height - thick, width, thick), color);
        self.fill(Area::new(x, y + thick, thick, height - 2 * thick), color);
        self.fill(Area::new(x + width - thick, y + thick, thick, height - 2 * thick), color);
    }

    /// Copies a tile to `(x, y)`, as far as it lies in `within` and that in the picture.
    #[inline]
    pub fn blit(&mut self, x: usize, y: usize, within: Area, tile: Tile<'_>) {
        self.blit_right(x, y, within, tile, 0);
    }

    /// As [`Self::blit`], without the tile's first columns.
    #[inline]
    pub fn blit_right(&mut self, x: usize, y: usize, within: Area, tile: Tile<'_>, without: usize) {
        let (stride, bytes) = (self.width * 3, tile.width * 3);
        let right = self.width.min(within.x + within.width);
        let bottom = self.height.min(within.y + within.height);
        if without >= tile.width || x + without >= right || y >= bottom {
            return;
        }
        let (first, end) = (without * 3, bytes.min((right - x) * 3));
        let rows = self.out[y * stride..bottom * stride].chunks_exact_mut(stride);
        for (row, from) in rows.zip(tile.pixels.chunks_exact(bytes)) {
            row[x * 3 + first..x * 3 + end].copy_from_slice(&from[first..end]);
        }
    }
}

/// Fills whole pixels with a color.
pub(super) fn flood(span: &mut [u8], color: Rgb) {
    if color[0] == color[1] && color[1] == color[2] {
        span.fill(color[0]);
        return;
    }
    let mut block = [0; 48];
    for pixel in block.chunks_exact_mut(3) {
        pixel.copy_from_slice(&color);
    }
    let mut blocks = span.chunks_exact_mut(48);
    for out in &mut blocks {
        out.copy_from_slice(&block);
    }
    let rest = blocks.into_remainder();
    let left = rest.len();
    rest.copy_from_slice(&block[..left]);
}

/// The color of a line a pixel wide between cells of `pitch` pixels. Small cells would drown in
/// their lines, so these fade as if they were thinner; a lattice of patches keeps its own.
pub(super) fn thin(line: Rgb, ground: Rgb, pitch: usize, compact: bool) -> Rgb {
    let coverage = if compact { 255 } else { (90 + pitch * 6).min(255) as u8 };
    [0, 1, 2].map(|part| mix(ground[part], line[part], coverage))
}

/// `ground` with `coverage` of 255 parts of `ink` over it, rounded; exact at both ends.
#[inline]
pub(super) fn mix(ground: u8, ink: u8, coverage: u8) -> u8 {
    // At most 255 * 255 + 128 and 254 more: 16 bits do, and processors blend eight at a time.
    let (ground, ink, coverage) = (u16::from(ground), u16::from(ink), u16::from(coverage));
    let sum = ground * (255 - coverage) + ink * coverage + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

/// Lays ink over pixels, one coverage a pixel.
pub(super) fn tint(pixels: &mut [u8], coverage: &[u8], ink: Rgb) {
    for (pixel, &coverage) in pixels.chunks_exact_mut(3).zip(coverage) {
        // Most of a letter's box is all ground or all ink.
        match coverage {
            0 => {}
            255 => pixel.copy_from_slice(&ink),
            _ => {
                for (part, ink) in pixel.iter_mut().zip(ink) {
                    *part = mix(*part, ink, coverage);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mix_rounds_to_the_nearest() {
        for ground in 0..=255_u8 {
            for ink in (0..=255_u8).step_by(5) {
                for coverage in 0..=255_u8 {
                    let parts = |value: u8, weight: u8| u32::from(value) * u32::from(weight);
                    let exact = (2 * (parts(ground, 255 - coverage) + parts(ink, coverage)) + 255) / 510;
                    assert_eq!(u32::from(mix(ground, ink, coverage)), exact);
                }
            }
        }
    }

    #[test]
    fn fills_and_tiles_stop_at_the_edges() {
        let mut out = vec![0; 5 * 4 * 3];
        let mut canvas = Canvas { out: &mut out, width: 5, height: 4 };
        canvas.fill(Area::new(3, 2, 9, 9), [1, 2, 3]);
        canvas.fill(Area::new(9, 9, 2, 2), [9, 9, 9]);
        let all = Area::new(0, 0, 9, 9);
        canvas.blit(4, 3, all, Tile { pixels: &[7; 27], width: 3 });
        canvas.blit(0, 3, all, Tile { pixels: &[8; 6], width: 1 });
        let lit: Vec<(usize, u8)> =
            out.chunks_exact(3).enumerate().filter(|(_, p)| p[0] != 0).map(|(i, p)| (i, p[0])).collect();
        assert_eq!(lit, [(13, 1), (14, 1), (15, 8), (18, 1), (19, 7)]);
    }
}
