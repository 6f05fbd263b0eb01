//! Where pixels go: a picture, filled and copied by whole rows.

use super::pixel::Pixel;

/// A picture being drawn, rows top to bottom.
pub(super) struct Canvas<'a, P> {
    pub out: &'a mut [P],
    pub width: usize,
    pub height: usize,
    /// From one row to the next; what a row has beyond the picture's width is left alone.
    pub stride: usize,
}

/// A small opaque picture, row after row.
#[derive(Clone, Copy)]
pub(super) struct Tile<'a, P> {
    pub pixels: &'a [P],
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

impl<P: Pixel> Canvas<'_, P> {
    /// Writes `template` to the rows `from..to`, as far as the picture goes.
    pub fn rows(&mut self, from: usize, to: usize, template: &[P]) {
        let to = to.min(self.height);
        if from < to {
            for row in self.out[from * self.stride..to * self.stride].chunks_exact_mut(self.stride) {
                row[..self.width].copy_from_slice(template);
            }
        }
    }

    /// Fills a rectangle, as far as it lies in the picture.
    pub fn fill(&mut self, area: Area, pixel: P) {
        let (x, y) = (area.x.min(self.width), area.y.min(self.height));
        let width = area.width.min(self.width - x);
        let height = area.height.min(self.height - y);
        if width == 0 || height == 0 {
            return;
        }
        let stride = self.stride;
        let start = y * stride + x;
        let (first, rest) = self.out[start..(y + height - 1) * stride + x + width].split_at_mut(width);
        P::flood(first, pixel);
        if height > 1 {
            for row in rest[stride - width..].chunks_mut(stride) {
                row[..width].copy_from_slice(first);
            }
        }
    }

    /// A border of `thick` pixels along the inside of a rectangle.
    pub fn frame(&mut self, area: Area, thick: usize, pixel: P) {
        let Area { x, y, width, height } = area;
        let thick = thick.min(width / 2).min(height / 2);
        self.fill(Area::new(x, y, width, thick), pixel);
        self.fill(Area::new(x, y + height - thick, width, thick), pixel);
        self.fill(Area::new(x, y + thick, thick, height - 2 * thick), pixel);
        self.fill(Area::new(x + width - thick, y + thick, thick, height - 2 * thick), pixel);
    }

    /// Copies a tile to `(x, y)`, as far as it lies in `within` and that in the picture.
    #[inline]
    pub fn blit(&mut self, x: usize, y: usize, within: Area, tile: Tile<'_, P>) {
        self.blit_right(x, y, within, tile, 0);
    }

    /// As [`Self::blit`], without the tile's first columns.
    #[inline]
    pub fn blit_right(&mut self, x: usize, y: usize, within: Area, tile: Tile<'_, P>, without: usize) {
        let right = self.width.min(within.x + within.width);
        let bottom = self.height.min(within.y + within.height);
        if without >= tile.width || x + without >= right || y >= bottom {
            return;
        }
        let end = tile.width.min(right - x);
        let rows = self.out[y * self.stride..bottom * self.stride].chunks_exact_mut(self.stride);
        for (row, from) in rows.zip(tile.pixels.chunks_exact(tile.width)) {
            row[x + without..x + end].copy_from_slice(&from[without..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_and_tiles_stop_at_the_edges() {
        let mut out = vec![[0; 3]; 6 * 4];
        let mut canvas = Canvas { out: &mut out, width: 5, height: 4, stride: 6 };
        canvas.fill(Area::new(3, 2, 9, 9), [1, 2, 3]);
        canvas.fill(Area::new(9, 9, 2, 2), [9, 9, 9]);
        let all = Area::new(0, 0, 9, 9);
        canvas.blit(4, 3, all, Tile { pixels: &[[7; 3]; 9], width: 3 });
        canvas.blit(0, 3, all, Tile { pixels: &[[8; 3]; 2], width: 1 });
        let lit: Vec<(usize, u8)> =
            out.iter().enumerate().filter(|(_, pixel)| pixel[0] != 0).map(|(at, pixel)| (at, pixel[0])).collect();
        assert_eq!(lit, [(15, 1), (16, 1), (18, 8), (21, 1), (22, 7)]);
    }
}
