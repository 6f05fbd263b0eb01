//! Polygons and how much of each pixel they cover.
//!
//! Coverage is the exact area, summed along scanlines from signed trapezoids (as in Raph Levien's
//! font-rs). That needs `+ - * /` alone, so every platform gives the same bytes.

/// A point, x to the right and y down.
pub(super) type Point = [f32; 2];

/// Closed polygons. Those that wind the other way are holes.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline {
    pub contours: Vec<Vec<Point>>,
}

/// How finely coverage is told. The eye asks for no more, a picture keeps few enough colours for a
/// palette, and sums of multiples of [`STEP`] that stop at 255 are multiples of it again.
pub(super) const LEVELS: f32 = 15.0;
/// The least coverage, of 255, that is not none.
pub(super) const STEP: u8 = 17;

/// How much of each pixel is covered, 255 for all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mask {
    pub width: usize,
    pub height: usize,
    pub coverage: Vec<u8>,
}

impl Outline {
    /// Adds a polygon.
    pub fn add(&mut self, points: impl IntoIterator<Item = Point>) {
        self.contours.push(points.into_iter().collect());
    }

    /// Adds a polygon with its points in the opposite order: a hole in what winds forward.
    pub fn cut(&mut self, points: impl IntoIterator<Item = Point>) {
        let mut points: Vec<Point> = points.into_iter().collect();
        points.reverse();
        self.contours.push(points);
    }

    /// Left, top, right, bottom of the points; `None` without points.
    pub fn bounds(&self) -> Option<[f32; 4]> {
        let mut points = self.contours.iter().flatten();
        let &[x, y] = points.next()?;
        Some(points.fold([x, y, x, y], |[l, t, r, b], &[x, y]| [l.min(x), t.min(y), r.max(x), b.max(y)]))
    }

    /// The outline with each point moved.
    pub fn map(&self, mut to: impl FnMut(Point) -> Point) -> Self {
        let contours = self.contours.iter().map(|points| points.iter().map(|&p| to(p)).collect()).collect();
        Self { contours }
    }

    /// Coverage of a field of pixels from (0, 0) on, in multiples of [`STEP`]. What lies left or right of it counts at its
    /// edge columns' far side; callers keep outlines within.
    pub fn mask(&self, width: usize, height: usize) -> Mask {
        // One more column takes what is carried beyond the last pixel.
        let mut sums = vec![0_f32; (width + 2) * height];
        for points in &self.contours {
            let Some(&(mut from)) = points.last() else { continue };
            for &to in points {
                edge(&mut sums, width, height, from, to);
                from = to;
            }
        }
        let mut coverage = Vec::with_capacity(width * height);
        for row in sums.chunks_exact(width + 2) {
            let mut sum = 0_f32;
            coverage.extend(row[..width].iter().map(|part| {
                sum += part;
                (sum.abs().min(1.0) * LEVELS + 0.5) as u8 * STEP
            }));
        }
        Mask { width, height, coverage }
    }
}

/// Adds an edge: in each row, the change of covered area from one pixel to the next.
fn edge(sums: &mut [f32], width: usize, height: usize, from: Point, to: Point) {
    let (sign, [x0, y0], [x1, y1]) = if from[1] < to[1] { (1.0, from, to) } else { (-1.0, to, from) };
    if y0 >= y1 {
        return;
    }
    let slope = (x1 - x0) / (y1 - y0);
    let right = width as f32;
    let first = y0.max(0.0) as usize;
    let last = (y1.min(height as f32).max(0.0)) as usize;
    for row in first..height.min(last + 1) {
        let (top, bottom) = (y0.max(row as f32), y1.min((row + 1) as f32));
        if bottom <= top {
            continue;
        }
        let a = (x0 + (top - y0) * slope).clamp(0.0, right);
        let b = (x0 + (bottom - y0) * slope).clamp(0.0, right);
        span(&mut sums[row * (width + 2)..][..width + 2], a.min(b), a.max(b), sign * (bottom - top));
    }
}

/// Spreads `rise`, the signed height of an edge within a row, over the pixels from `left` to `right`.
fn span(row: &mut [f32], left: f32, right: f32, rise: f32) {
    let first = left as usize;
    let last = right as usize;
    if first == last {
        // Within one pixel: the mean of its ends splits the area.
        let mean = (left + right) * 0.5 - first as f32;
        row[first] += rise * (1.0 - mean);
        row[first + 1] += rise * mean;
        return;
    }
    let per = rise / (right - left);
    // Area to the right of the edge within a pixel, and what is carried to the pixels after it.
    let mut carried = 0.0;
    for (pixel, sum) in row.iter_mut().enumerate().take(last + 1).skip(first) {
        let (a, b) = (left.max(pixel as f32), right.min((pixel + 1) as f32));
        let part = per * (b - a);
        let mean = (a + b) * 0.5 - pixel as f32;
        *sum += carried + part * (1.0 - mean);
        carried = part * mean;
    }
    row[last + 1] += carried;
}

impl Mask {
    /// The coverage at a pixel, 0 outside.
    pub fn at(&self, x: usize, y: usize) -> u8 {
        if x < self.width && y < self.height { self.coverage[y * self.width + x] } else { 0 }
    }

    /// Turned a quarter to the left: what read from left to right reads from bottom to top.
    pub fn turned(&self) -> Self {
        let (width, height) = (self.height, self.width);
        let mut coverage = vec![0; self.coverage.len()];
        for (x, row) in self.coverage.chunks_exact(height.max(1)).enumerate() {
            for (turned, part) in coverage[x..].iter_mut().step_by(width).zip(row.iter().rev()) {
                *turned = *part;
            }
        }
        Self { width, height, coverage }
    }
}

/// The points of a circle, from halved right angles: `sqrt` alone.
pub(super) fn circle(center: Point, radius: f32) -> Vec<Point> {
    let mut points: Vec<Point> = vec![[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    for _ in 0..5 {
        let count = points.len();
        points = (0..count)
            .flat_map(|i| {
                let ([ax, ay], [bx, by]) = (points[i], points[(i + 1) % count]);
                let (x, y) = (ax + bx, ay + by);
                let length = (x * x + y * y).sqrt();
                [[ax, ay], [x / length, y / length]]
            })
            .collect();
    }
    points.iter().map(|[x, y]| [center[0] + x * radius, center[1] + y * radius]).collect()
}

/// A straight stroke of the given width with square ends, as a polygon that winds forward.
pub(super) fn stroke([ax, ay]: Point, [bx, by]: Point, width: f32) -> [Point; 4] {
    let (dx, dy) = (bx - ax, by - ay);
    let half = width * 0.5 / (dx * dx + dy * dy).sqrt();
    let (nx, ny) = (-dy * half, dx * half);
    [[ax - nx, ay - ny], [bx - nx, by - ny], [bx + nx, by + ny], [ax + nx, ay + ny]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_area() {
        let mut outline = Outline::default();
        outline.add([[0.5, 0.25], [3.25, 0.25], [3.25, 2.0], [0.5, 2.0]]);
        let mask = outline.mask(4, 3);
        #[rustfmt::skip]
        assert_eq!(mask.coverage, [
            102, 187, 187, 51,
            136, 255, 255, 68,
            0, 0, 0, 0,
        ]);
    }

    #[test]
    fn a_disc_has_its_area_and_a_hole_is_empty() {
        let mut disc = Outline::default();
        disc.add(circle([10.0, 10.0], 9.0));
        let area: u32 = disc.mask(20, 20).coverage.iter().map(|&c| u32::from(c)).sum();
        let exact = std::f32::consts::PI * 81.0 * 255.0;
        assert!((area as f32 - exact).abs() < exact * 0.002, "{area} {exact}");
        disc.cut(circle([10.0, 10.0], 5.0));
        assert_eq!(disc.mask(20, 20).at(10, 10), 0);
        assert_eq!(disc.mask(20, 20).at(3, 10), 255);
    }

    #[test]
    fn diagonal_strokes_are_symmetric() {
        let mut falling = Outline::default();
        falling.add(stroke([2.0, 2.0], [14.0, 14.0], 2.0));
        let mask = falling.mask(16, 16);
        for y in 0..16 {
            for x in 0..16 {
                assert!(mask.at(x, y).abs_diff(mask.at(y, x)) <= STEP);
            }
        }
    }
}
