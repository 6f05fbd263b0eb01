//! What a theme looks like: colors, faces, widths. Nothing here depends on what is drawn.

use super::{
    blend::{Rgb, thin},
    colors::Colors,
    font::Face,
    grounds::{ALTERNATE, GROUNDS, ground},
    pixel::Pair,
    theme::Theme,
};
use crate::{
    rng::Rng,
    scene::{Fill, Kind},
};

/// Of a reader's cursor: of all hues, the one that no ground comes near.
const CURSOR: Rgb = rgb(0xd6_0070);

/// Of cells that were read: darker than any light plain cell, lighter than any dark one.
const SPENT: Rgb = rgb(0xb4_bcc8);

/// Which cells take the second shade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stripes {
    None,
    Rows,
    Columns,
}

/// The look of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SheetStyle {
    pub colors: Colors,
    /// Line width in 1/1200 of the picture's shorter side.
    pub line_width: usize,
    /// Least margin in 1/1000 of the picture's shorter side.
    pub margin: usize,
    pub stripes: Stripes,
    pub label_face: Face,
    pub value_face: Face,
    /// Cells are square, on a lattice that begins at (0, 0).
    pub compact: bool,
}

/// The look of panels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PanelStyle {
    pub page: Rgb,
    /// Inside a panel.
    pub ground: Rgb,
    pub frame: Rgb,
    /// Around a shape.
    pub outline: Rgb,
    /// Question mark and numbers.
    pub ink: Rgb,
    pub face: Face,
    /// Frame width in 1/1200 of the picture's shorter side.
    pub frame_width: usize,
    /// Gap between panels in 1/1000 of a panel's side.
    pub gap: usize,
    /// Panels touch, on a lattice that begins at (0, 0).
    pub compact: bool,
}

const fn rgb(hex: u32) -> Rgb {
    [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8]
}

const BLACK: Rgb = rgb(0x00_0000);
const WHITE: Rgb = rgb(0xff_ffff);

/// How bright a color looks, 0 to 255 000.
fn luminance([r, g, b]: Rgb) -> u32 {
    u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114
}

/// Ink that reads on `ground`.
fn on(ground: Rgb, dark: Rgb) -> Pair {
    Pair { ground, ink: if luminance(ground) > 110_000 { dark } else { WHITE } }
}

/// Page, plain cell, second shade, line, label ground, label ink.
const TABLES: [[u32; 6]; 12] = [
    [0xff_ffff, 0xf5_f5f5, 0xe6_e8f0, 0x00_0000, 0x40_466e, 0xff_ffff],
    [0xff_ffff, 0xff_ffff, 0xe8_f0fa, 0x9a_a5b1, 0x1f_4e79, 0xff_ffff],
    [0xfd_f6e3, 0xfd_f9ee, 0xee_e8d5, 0x93_a1a1, 0x58_6e75, 0xff_ffff],
    [0xff_ffff, 0xff_ffff, 0xef_efef, 0xb0_b0b0, 0xdd_dddd, 0x11_1111],
    [0xf0_f4f0, 0xff_ffff, 0xe3_efe3, 0x5f_7f5f, 0x2e_5d34, 0xff_ffff],
    [0xff_ffff, 0xff_f8f8, 0xf7_e6e6, 0x7a_3b3b, 0x7a_1f2b, 0xff_ffff],
    [0xec_eff1, 0xfa_fafa, 0xe3_e8eb, 0x60_7d8b, 0x37_474f, 0xff_ffff],
    [0xf4_f0fa, 0xfb_f9ff, 0xeb_e2fa, 0x6a_5a8c, 0x4b_2e83, 0xff_ffff],
    [0xff_ffff, 0xf8_f8f8, 0xe9_e9e9, 0x44_4444, 0xff_ffff, 0x00_0000],
    [0xe8_e4dc, 0xff_fdf8, 0xf1_eadc, 0x8a_6d3b, 0xc9_b58c, 0x2b_1d0e],
    [0x1e_1e2e, 0x2a_2b3d, 0x36_384e, 0x58_5b70, 0x11_111b, 0xcd_d6f4],
    [0x10_2027, 0x1c_313a, 0x28_4450, 0x4f_6a75, 0x0b_1a20, 0xff_ffff],
];

/// A path's cells, its first, its last. Questions say so: the first is always green, the last always orange, and no
/// other cell is either.
const PATHS: [[u32; 3]; 6] = [
    [0xff_ff00, 0xa6_ee3a, 0xff_a51f],
    [0xff_e23d, 0x8f_e05a, 0xff_9d4c],
    [0xff_f07a, 0x8e_e08c, 0xff_9f5a],
    [0x8f_e3ff, 0x9b_e34a, 0xff_b04d],
    [0xc8_a0ff, 0x8c_e27a, 0xff_a95e],
    [0xff_9fd4, 0x94_e89c, 0xff_a53a],
];

/// Borders of a path's first and last cell.
const RIMS: [Rgb; 2] = [rgb(0x2c_7a10), rgb(0xb0_4a00)];

/// Page, plain cell, second shade, line, ink.
const BOARDS: [[u32; 5]; 8] = [
    [0xff_ffff, 0xff_ffff, 0xf1_f1f1, 0x00_0000, 0x00_0000],
    [0xff_ffff, 0xff_ffff, 0xee_f3f8, 0x9a_a5b1, 0x14_213d],
    [0xfd_f6e3, 0xff_fdf6, 0xf3_ecd9, 0x93_8a70, 0x2b_1d0e],
    [0xf2_f2f2, 0xff_ffff, 0xee_eeee, 0xbb_bbbb, 0x22_2222],
    [0xe9_edf2, 0xf9_fbfd, 0xe9_edf2, 0x60_7d8b, 0x1c_2833],
    [0xf6_eef2, 0xff_fbfd, 0xf5_e8ee, 0x8c_5a72, 0x33_0a1f],
    [0xff_ffff, 0xfb_fbef, 0xf1_f1dc, 0x70_7040, 0x26_260f],
    [0xe3_e3e3, 0xf6_f6f6, 0xea_eaea, 0x55_5555, 0x00_0000],
];

/// Start and destination of a board: always a light blue and a dark green.
const ENDS: [[u32; 2]; 4] =
    [[0x87_ceeb, 0x00_6400], [0x7f_bfff, 0x0b_5d1e], [0x9a_d9f5, 0x1b_5e20], [0x8a_c6e0, 0x14_532d]];

/// Page, panel, frame, outline and ink. Panels stay light: grays mean something.
const PANELS: [[u32; 4]; 8] = [
    [0xff_ffff, 0xff_ffff, 0x00_0000, 0x00_0000],
    [0xff_ffff, 0xff_fdf4, 0x55_5555, 0x00_0000],
    [0xee_f1f5, 0xff_ffff, 0x60_7d8b, 0x14_213d],
    [0xfd_f6e3, 0xff_fef9, 0x93_8a70, 0x2b_1d0e],
    [0x40_466e, 0xff_ffff, 0x1a_1d33, 0x00_0000],
    [0xe8_f0e8, 0xfa_fffa, 0x2e_5d34, 0x0c_260f],
    [0x20_2428, 0xff_ffff, 0x8a_9299, 0x00_0000],
    [0xf6_eef2, 0xff_f9fc, 0x8c_5a72, 0x33_0a1f],
];

const FAMILIES: [[Face; 2]; 3] =
    [[Face::Sans, Face::SansBold], [Face::Mono, Face::MonoBold], [Face::Serif, Face::SerifBold]];

impl SheetStyle {
    /// The look of a sheet in a theme; `varied` draws it.
    pub fn of(theme: Theme, kind: Kind, look: &mut Rng) -> Self {
        match (theme, kind) {
            (Theme::Paper, Kind::Table) => Self::table(TABLES[0], PATHS[0]),
            (Theme::Paper, Kind::Board) => Self::board(BOARDS[0], ENDS[0]),
            (Theme::Compact, Kind::Table) => {
                let colors = [0xff_ffff, 0xff_ffff, 0xff_ffff, 0x9a_9a9a, 0x40_466e, 0xff_ffff];
                Self { value_face: Face::SansBold, ..Self::table(colors, PATHS[0]).compact(0x9a_9a9a) }
            }
            (Theme::Compact, Kind::Board) => {
                let mut style = Self::board(BOARDS[0], ENDS[0]).compact(0xb4_b4b4);
                style.colors.objects = style.colors.objects.map(|pair| Pair { ink: rgb(0xc2_0a3c), ..pair });
                Self { label_face: Face::SansBold, ..style }
            }
            (Theme::Varied, _) => Self::varied(kind, look),
        }
    }

    /// Every look of a theme that leaves least room: the widest margins and lines, each pair of faces.
    pub fn tightest(theme: Theme, kind: Kind) -> Vec<Self> {
        let style = Self::of(theme, kind, &mut Rng::keyed([0; 4]));
        if theme != Theme::Varied {
            return vec![style];
        }
        let tight = |family: &[Face; 2], at: usize| Self {
            label_face: family[at / 2],
            value_face: family[at % 2],
            line_width: 6,
            margin: 50,
            ..style.clone()
        };
        FAMILIES.iter().flat_map(|family| (0..4).map(move |at| tight(family, at))).collect()
    }

    /// The colors of a sheet whose cells are `pitch` pixels wide or high, whichever is less.
    pub fn colors(&self, pitch: usize) -> Colors {
        let Colors { line, pairs, .. } = self.colors;
        Colors { line: thin(line, pairs[0].ground, pitch, self.compact), ..self.colors }
    }

    /// Index of a cell's ground, whoever reads.
    pub fn shade(&self, fill: Fill, row: usize, column: usize) -> usize {
        let odd = match self.stripes {
            Stripes::None => false,
            Stripes::Rows => row % 2 == 1,
            Stripes::Columns => column % 2 == 1,
        };
        if fill == Fill::Plain && odd { ALTERNATE } else { ground(fill) }
    }

    fn varied(kind: Kind, look: &mut Rng) -> Self {
        let mut style = match kind {
            Kind::Table => Self::table(*look.pick(&TABLES), *look.pick(&PATHS)),
            Kind::Board => Self::board(*look.pick(&BOARDS), *look.pick(&ENDS)),
        };
        let family = look.pick(&FAMILIES);
        style.label_face = *look.pick(family);
        style.value_face = *look.pick(family);
        style.line_width = *look.pick(&[1, 2, 4, 6]);
        style.margin = look.between(6, 50);
        style.stripes = *look.pick(&[Stripes::None, Stripes::None, Stripes::Rows, Stripes::Columns]);
        style
    }

    fn compact(mut self, line: u32) -> Self {
        self.colors.line = rgb(line);
        Self { margin: 0, compact: true, ..self }
    }

    fn table([page, plain, alternate, line, label, label_ink]: [u32; 6], path: [u32; 3]) -> Self {
        let dark = rgb(0x0a_0a0a);
        let [path, start, destination] = path.map(|hex| on(rgb(hex), BLACK));
        let label = Pair { ground: rgb(label), ink: rgb(label_ink) };
        let pairs = [on(rgb(plain), dark), on(rgb(alternate), dark), path, start, destination, on(SPENT, dark)];
        Self::plain([page, line], Some(RIMS), label, pairs, [Face::SansBold, Face::Sans])
    }

    fn board([page, plain, alternate, line, ink]: [u32; 5], ends: [u32; 2]) -> Self {
        let ink = rgb(ink);
        let [start, destination] = ends.map(|hex| on(rgb(hex), ink));
        let [plain, alternate, path] = [plain, alternate, 0xff_ff00].map(|hex| on(rgb(hex), ink));
        let pairs = [plain, alternate, path, start, destination, on(SPENT, ink)];
        Self::plain([page, line], None, Pair { ground: rgb(page), ink }, pairs, [Face::Sans; 2])
    }

    fn plain(
        [page, line]: [u32; 2],
        rims: Option<[Rgb; 2]>,
        label: Pair,
        pairs: [Pair; GROUNDS],
        [label_face, value_face]: [Face; 2],
    ) -> Self {
        let objects = [pairs[0], pairs[ALTERNATE]];
        Self {
            colors: Colors { page: rgb(page), line: rgb(line), rims, cursor: CURSOR, label, pairs, objects },
            line_width: 2,
            margin: 12,
            stripes: Stripes::None,
            label_face,
            value_face,
            compact: false,
        }
    }
}

impl PanelStyle {
    /// The looks of a theme that leave least room: the widest frames and gaps, each face.
    pub fn tightest(theme: Theme) -> Vec<Self> {
        let style = Self::of(theme, &mut Rng::keyed([0; 4]));
        if theme != Theme::Varied {
            return vec![style];
        }
        let tight = |&face: &Face| Self { face, frame_width: 6, gap: 100, ..style.clone() };
        FAMILIES.iter().flatten().map(tight).collect()
    }

    /// The look of panels in a theme; `varied` draws it.
    pub fn of(theme: Theme, look: &mut Rng) -> Self {
        let colors = if theme == Theme::Varied { *look.pick(&PANELS) } else { PANELS[0] };
        let [page, ground, frame, outline] = colors.map(rgb);
        let mut style = Self {
            page,
            ground,
            frame,
            outline,
            ink: on(page, outline).ink,
            face: Face::SansBold,
            frame_width: 2,
            gap: 60,
            compact: theme == Theme::Compact,
        };
        if theme == Theme::Varied {
            let family = look.pick(&FAMILIES);
            style.face = *look.pick(family);
            style.frame_width = *look.pick(&[1, 2, 4, 6]);
            style.gap = *look.pick(&[40, 60, 80, 100]);
        }
        if style.compact {
            style.frame = rgb(0x78_7878);
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::grounds::READ;

    /// Contrast as the Web's guidelines measure it, near enough: sRGB squared instead of its curve.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let bright = |[r, g, b]: Rgb| {
            let part = |v: u8| (f64::from(v) / 255.0) * (f64::from(v) / 255.0);
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) + 0.05
        };
        let (a, b) = (bright(a), bright(b));
        if a > b { a / b } else { b / a }
    }

    fn apart(a: Rgb, b: Rgb) -> u32 {
        a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b))).sum()
    }

    #[test]
    fn whatever_is_drawn_reads_and_every_ground_tells() {
        let mut styles = vec![];
        for kind in [Kind::Table, Kind::Board] {
            for theme in [Theme::Paper, Theme::Compact] {
                styles.push((kind, SheetStyle::of(theme, kind, &mut Rng::keyed([0; 4]))));
            }
            styles.extend((0..2000).map(|key| (kind, SheetStyle::of(Theme::Varied, kind, &mut Rng::keyed([key; 4])))));
        }
        for (kind, SheetStyle { colors, .. }) in styles {
            for pair in [colors.label].into_iter().chain(colors.pairs).chain(colors.objects) {
                assert!(contrast(pair.ground, pair.ink) > 4.5, "{pair:?}");
            }
            let means: &[usize] = if kind == Kind::Table { &[2, 3, 4, READ] } else { &[3, 4] };
            if kind == Kind::Table {
                let around = colors.pairs.iter().map(|pair| pair.ground).chain([colors.line, colors.page]);
                around.for_each(|color| assert!(apart(colors.cursor, color) > 180, "{color:?}"));
            }
            for (i, &a) in means.iter().enumerate() {
                for plain in [0, ALTERNATE] {
                    assert!(apart(colors.pairs[a].ground, colors.pairs[plain].ground) > 80, "{a} {colors:?}");
                }
                for &b in &means[i + 1..] {
                    assert!(apart(colors.pairs[a].ground, colors.pairs[b].ground) > 80, "{a} {b} {colors:?}");
                }
            }
        }
    }

    /// Hue in degrees, and how far the parts of a color lie apart.
    fn hue([r, g, b]: Rgb) -> (f64, u8) {
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let span = f64::from(most - least);
        let part = |a: u8, b: u8| (f64::from(a) - f64::from(b)) / span;
        let sixths = match most {
            _ if most == least => 0.0,
            _ if most == r => part(g, b).rem_euclid(6.0),
            _ if most == g => part(b, r) + 2.0,
            _ => part(r, g) + 4.0,
        };
        (60.0 * sixths, most - least)
    }

    #[test]
    fn a_path_starts_green_and_ends_orange_in_every_look_of_a_table() {
        let green = |color: Rgb| (80.0..150.0).contains(&hue(color).0) && hue(color).1 > 60;
        let orange = |color: Rgb| (15.0..40.0).contains(&hue(color).0) && hue(color).1 > 60;
        let looks = (0..3000).map(|key| SheetStyle::of(Theme::Varied, Kind::Table, &mut Rng::keyed([key; 4])));
        let fixed = [Theme::Paper, Theme::Compact];
        let fixed = fixed.map(|theme| SheetStyle::of(theme, Kind::Table, &mut Rng::keyed([0; 4])));
        for SheetStyle { colors, .. } in fixed.into_iter().chain(looks) {
            let of = |fill: Fill| colors.pairs[ground(fill)].ground;
            assert!(green(of(Fill::Start)) && orange(of(Fill::Destination)), "{colors:?}");
            let [start, end] = colors.rims.expect("both ends have a border");
            assert!(green(start) && (15.0..40.0).contains(&hue(end).0), "{colors:?}");
            for other in [of(Fill::Plain), of(Fill::Path), colors.pairs[ALTERNATE].ground, colors.pairs[READ].ground] {
                assert!(!green(other) && !orange(other), "{other:?} {colors:?}");
            }
        }
    }

    #[test]
    fn a_board_starts_sky_blue_and_ends_dark_green_in_every_look() {
        for key in 0..1000 {
            for theme in [Theme::Paper, Theme::Compact, Theme::Varied] {
                let SheetStyle { colors, .. } = SheetStyle::of(theme, Kind::Board, &mut Rng::keyed([key; 4]));
                let of = |fill: Fill| colors.pairs[ground(fill)].ground;
                let (start, end) = (of(Fill::Start), of(Fill::Destination));
                assert!((190.0..220.0).contains(&hue(start).0) && luminance(start) > 170_000, "{start:?}");
                assert!((110.0..150.0).contains(&hue(end).0) && luminance(end) < 90_000, "{end:?}");
            }
        }
    }

    #[test]
    fn panels_are_lighter_than_every_gray_but_white() {
        for key in 0..500 {
            let style = PanelStyle::of(Theme::Varied, &mut Rng::keyed([key; 4]));
            assert!(style.ground.iter().all(|&part| part >= 240));
            assert!(contrast(style.ground, style.outline) > 12.0);
            assert!(contrast(style.page, style.ink) > 4.5);
            assert!(contrast(style.ground, style.frame) > 2.0);
        }
    }
}
