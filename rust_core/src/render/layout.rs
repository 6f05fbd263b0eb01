//! Where panels, options and their numbers lie.

use super::{canvas::Area, style::PanelStyle};
use crate::scene::Panels;

/// Panels' places, in pixels. All panels are squares of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Frames included.
    pub side: usize,
    /// Width of frames.
    pub frame: usize,
    /// Corners of the panels, row by row, then of the options.
    pub corners: Vec<[usize; 2]>,
    /// Where the options' numbers go.
    pub numbers: Vec<Area>,
    /// A rule between rows and options, where they are one above the other.
    pub rule: Option<Area>,
}

/// Numbers of panels in each row, and of options.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub rows: Vec<usize>,
    pub options: usize,
}

impl Shape {
    /// The shape of some panels.
    pub fn of(panels: &Panels) -> Self {
        Self { rows: panels.rows.iter().map(Vec::len).collect(), options: panels.options.len() }
    }

    /// Whether this is the shape of these panels.
    pub fn fits(&self, panels: &Panels) -> bool {
        self.options == panels.options.len()
            && self.rows.len() == panels.rows.len()
            && self.rows.iter().zip(&panels.rows).all(|(&count, row)| count == row.len())
    }

    fn widest(&self) -> usize {
        self.rows.iter().copied().max().unwrap_or(0).max(1)
    }
}

impl Layout {
    /// Inside of the panel with its corner there.
    pub fn inside(&self, [x, y]: [usize; 2]) -> Area {
        Area::new(x, y, self.side, self.side).inset(self.frame)
    }

    /// Side of a slot, one of 3 × 3 in a panel.
    pub fn slot(&self) -> usize {
        (self.side.saturating_sub(2 * self.frame) / 3).max(1)
    }

    /// Lays panels out on a picture.
    pub fn of(shape: &Shape, style: &PanelStyle, height: usize, width: usize) -> Self {
        if style.compact {
            return Self::compact(shape, height, width);
        }
        let frame = ((height.min(width) * style.frame_width + 600) / 1200).max(1);
        // Options in one row below; in wide pictures beside the rows, where that makes panels larger.
        let options = shape.options.max(1);
        let mut best = Self::below(shape, style, frame, height, width);
        let per_row = (1..=options).filter(|n| n * n >= options).take(1);
        for columns in per_row {
            let beside = Self::beside(shape, style, frame, columns, [height, width]);
            if beside.side * 100 > best.side * 115 {
                best = beside;
            }
        }
        best
    }

    /// The lattice of `compact`: see [`super::Theme::Compact`].
    fn compact(shape: &Shape, height: usize, width: usize) -> Self {
        let rows = shape.rows.len();
        let columns = shape.widest().max(shape.options);
        let half = (width / (2 * columns)).min(height / (2 * rows + 3)).max(1);
        let side = 2 * half;
        let mut corners = vec![];
        for (row, &count) in shape.rows.iter().enumerate() {
            corners.extend((0..count).map(|column| [column * side, row * side]));
        }
        corners.extend((0..shape.options).map(|column| [column * side, rows * side]));
        let numbers =
            (0..shape.options).map(|column| Area::new(column * side, (rows + 1) * side, side, half)).collect();
        Self { side, frame: 1, corners, numbers, rule: None }
    }

    fn below(shape: &Shape, style: &PanelStyle, frame: usize, height: usize, width: usize) -> Self {
        let (rows, widest) = (shape.rows.len(), shape.widest());
        let columns = widest.max(shape.options);
        let mut side = (width / columns).min(height / (rows + 1)).max(1);
        let (mut gap, mut number);
        // The largest panels that leave room for gaps and numbers.
        loop {
            gap = (side * style.gap / 1000).max(2);
            number = (side * 17 / 100).max(5);
            let wanted = [columns * (side + gap) + gap, (rows + 1) * (side + gap) + 3 * gap + number];
            if side <= 1 || (wanted[0] <= width && wanted[1] <= height) {
                break;
            }
            side -= 1;
        }
        let step = side + gap;
        let start = |count: usize| width.saturating_sub(count * step - gap) / 2;
        // Two more gaps part the options from the rows, and what is left over spreads out.
        let spare = height.saturating_sub((rows + 1) * step + 3 * gap + number);
        let top = gap + spare / 3;
        let mut corners = vec![];
        for (row, &count) in shape.rows.iter().enumerate() {
            corners.extend((0..count).map(|column| [start(widest) + column * step, top + row * step]));
        }
        let below = top + rows * step + 2 * gap + spare / 3;
        let left = start(shape.options.max(1));
        corners.extend((0..shape.options).map(|column| [left + column * step, below]));
        let numbers =
            (0..shape.options).map(|column| Area::new(left + column * step, below + side, side, number + gap / 2));
        let wide = (columns * step - gap).min(width);
        let rule_y = usize::midpoint(top + rows * step - gap, below);
        let rule = (rows > 0 && side > 12).then(|| Area::new((width - wide) / 2, rule_y, wide, frame));
        Self { side, frame, numbers: numbers.collect(), corners, rule }
    }

    fn beside(shape: &Shape, style: &PanelStyle, frame: usize, columns: usize, [height, width]: [usize; 2]) -> Self {
        let (rows, widest) = (shape.rows.len(), shape.widest());
        let option_rows = shape.options.max(1).div_ceil(columns);
        let mut side = (width / (widest + columns)).min(height / rows.max(option_rows).max(1)).max(1);
        let (mut gap, mut number);
        loop {
            gap = (side * style.gap / 1000).max(2);
            number = (side * 17 / 100).max(5);
            let tall = (rows * (side + gap)).max(option_rows * (side + gap + number));
            let wanted = [(widest + columns) * (side + gap) + 5 * gap, tall + gap];
            if side <= 1 || (wanted[0] <= width && wanted[1] <= height) {
                break;
            }
            side -= 1;
        }
        let step = side + gap;
        let spare = width.saturating_sub((widest + columns) * step + 5 * gap);
        let left = gap + spare / 3;
        let top = height.saturating_sub(rows * step - gap.min(rows * step)) / 2;
        let mut corners = vec![];
        for (row, &count) in shape.rows.iter().enumerate() {
            corners.extend((0..count).map(|column| [left + column * step, top + row * step]));
        }
        let right = left + widest * step + 4 * gap + spare / 3;
        let option_top = height.saturating_sub(option_rows * (step + number) - gap) / 2;
        let place = |option: usize| [right + option % columns * step, option_top + option / columns * (step + number)];
        corners.extend((0..shape.options).map(place));
        let numbers = (0..shape.options).map(|option| {
            let [x, y] = place(option);
            Area::new(x, y + side, side, number)
        });
        let rule_x = usize::midpoint(left + widest * step - gap, right);
        let rule = Some(Area::new(rule_x, gap, frame, height.saturating_sub(2 * gap)));
        Self { side, frame, numbers: numbers.collect(), corners, rule }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{render::Theme, rng::Rng};

    #[test]
    fn panels_lie_apart_and_within_the_picture() {
        for theme in [Theme::Paper, Theme::Varied, Theme::Compact] {
            let style = PanelStyle::of(theme, &mut Rng::keyed([5; 4]));
            for (rows, options) in [(vec![3, 3, 3], 4), (vec![3, 3], 4), (vec![3, 3], 2), (vec![2], 8)] {
                let shape = Shape { rows, options };
                for [height, width] in
                    [[64, 64], [112, 112], [448, 448], [900, 800], [800, 1500], [64, 4096], [4096, 64]]
                {
                    let layout = Layout::of(&shape, &style, height, width);
                    let mut areas: Vec<Area> =
                        layout.corners.iter().map(|&[x, y]| Area::new(x, y, layout.side, layout.side)).collect();
                    areas.extend(&layout.numbers);
                    for (i, a) in areas.iter().enumerate() {
                        assert!(
                            a.x + a.width <= width && a.y + a.height <= height,
                            "{theme:?} {height} {width} {layout:?}"
                        );
                        for b in &areas[..i] {
                            let apart = a.x + a.width <= b.x
                                || b.x + b.width <= a.x
                                || a.y + a.height <= b.y
                                || b.y + b.height <= a.y;
                            assert!(apart, "{theme:?} {height} {width} {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_paper_size_has_the_paper_panels_and_compact_the_patches() {
        let shape = Shape { rows: vec![3, 3, 3], options: 4 };
        let paper = PanelStyle::of(Theme::Paper, &mut Rng::keyed([0; 4]));
        let side = Layout::of(&shape, &paper, 900, 800).side;
        assert!((180..=192).contains(&side), "{side}");
        let compact = PanelStyle::of(Theme::Compact, &mut Rng::keyed([0; 4]));
        let small = Shape { rows: vec![3, 3], options: 4 };
        let layout = Layout::of(&small, &compact, 112, 128);
        assert_eq!((layout.side, layout.slot()), (32, 10));
    }
}
