//! At a level's smallest legible size, and at larger ones, drawings differ visibly wherever an answer may.

use std::{collections::BTreeMap, env, fmt::Debug};

use _core::{
    address::Address,
    render::{MOST, Renderer, THEMES, Theme},
    rng::Stream,
    scene::{
        Cell, Fill, GRAYS, Kind, LINE_KINDS, Label, Line, Mark, Panel, Panels, Reader, SHAPE_KINDS, SYMBOLS, Scene,
        Shape, Sheet,
    },
    tasks,
};

/// Names tried in a place at most: of a thousand, some that share their beginnings and some that share their ends.
const PLENTY: usize = 80;

/// Sizes of shapes.
const SIZES: u8 = 4;

fn settings() -> Vec<String> {
    let levels = |task: &&'static str| tasks::levels(task).expect("it is registered").into_iter();
    tasks::IDS.iter().flat_map(|task| levels(task).map(move |level| format!("{task}/{level}"))).collect()
}

fn themes() -> [Theme; THEMES.len()] {
    THEMES.map(|name| Theme::named(name).expect("it is known"))
}

fn addresses() -> usize {
    env::var("AVRGYM_ADDRESSES").ok().and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Draws variants of an address's scene.
struct Easel {
    renderer: Renderer,
    address: Address,
    side: usize,
}

impl Easel {
    fn new(address: &str, theme: Theme, side: usize) -> Self {
        let renderer = Renderer::new(side, side, theme).expect("the size is in range");
        Self { renderer, address: address.parse().expect("it is one"), side }
    }

    fn draw(&mut self, scene: &Scene) -> Vec<u8> {
        let mut out = vec![0; self.side * self.side * 3];
        self.renderer.draw(scene, self.address.stream(Stream::Look), &mut out);
        out
    }

    /// Draws every variant, and finds each pair of them different.
    fn all_differ<T: Debug>(&mut self, what: &str, variants: impl IntoIterator<Item = (T, Scene)>) {
        let (names, drawn): (Vec<T>, Vec<Vec<u8>>) =
            variants.into_iter().map(|(name, scene)| (name, self.draw(&scene))).unzip();
        let drawn = cropped(&drawn, self.side);
        for (at, one) in drawn.iter().enumerate() {
            for (other, name) in drawn[..at].iter().zip(&names) {
                assert!(
                    tells(one, other),
                    "{} at {} pixels: {what} {name:?} and {:?} look alike",
                    self.address,
                    self.side,
                    names[at]
                );
            }
        }
    }
}

/// Two drawings differ visibly where at least so many pixels do, …
const PIXELS: usize = 3;
/// … each in some channel by at least so much of 255: less than from any gray of a figure to the next, more than
/// rounding makes.
const CONTRAST: u8 = 32;

/// Whether two pictures of one size, three bytes a pixel, differ visibly.
fn tells(one: &[u8], other: &[u8]) -> bool {
    let pixels = one.as_chunks::<3>().0.iter().zip(other.as_chunks::<3>().0);
    let apart = |(one, other): &(&[u8; 3], &[u8; 3])| one.iter().zip(*other).any(|(a, b)| a.abs_diff(*b) >= CONTRAST);
    pixels.filter(apart).take(PIXELS).count() == PIXELS
}

/// The rows in which any picture differs from the first.
fn cropped(drawn: &[Vec<u8>], side: usize) -> Vec<Vec<u8>> {
    fn row(picture: &[u8], side: usize, y: usize) -> &[u8] {
        &picture[y * side * 3..][..side * 3]
    }
    let differ = |y: &usize| drawn.iter().any(|picture| row(picture, side, *y) != row(&drawn[0], side, *y));
    let rows: Vec<usize> = (0..side).filter(differ).collect();
    drawn.iter().map(|picture| rows.iter().flat_map(|&y| row(picture, side, y)).copied().collect()).collect()
}

fn sheet(easel: &mut Easel, sheet: &Sheet, pool: &Sheet) {
    let with = |change: &dyn Fn(&mut Sheet)| {
        let mut changed = sheet.clone();
        change(&mut changed);
        Scene::Sheet(changed)
    };
    let cell = |at: usize, cell: Cell| with(&|sheet| sheet.cells[at] = cell);
    // A plain cell, and one of each other ground.
    let mut seats = BTreeMap::new();
    for (at, cell) in sheet.cells.iter().enumerate() {
        seats.entry(cell.fill as u8).or_insert(at);
    }
    let marks: Vec<Mark> = match (sheet.kind, sheet.cells[0].mark) {
        (Kind::Board, _) => {
            let symbols = (0..SYMBOLS.len() as u8).map(Mark::Symbol);
            symbols.chain([Mark::Blank, Mark::Walker]).collect()
        }
        (Kind::Table, Mark::DigitWord(_)) => (0..10).map(Mark::DigitWord).collect(),
        (Kind::Table, _) => (0..10).map(Mark::Digit).collect(),
    };
    for &at in seats.values() {
        let fill = sheet.cells[at].fill;
        easel.all_differ("marks", marks.iter().map(|&mark| (mark, cell(at, Cell { mark, fill }))));
    }
    let fills: &[Fill] = match sheet.kind {
        Kind::Table => &[Fill::Plain, Fill::Path, Fill::Start, Fill::Destination],
        Kind::Board => &[Fill::Plain, Fill::Start, Fill::Destination],
    };
    for &mark in marks.iter().step_by(7) {
        easel.all_differ("grounds", fills.iter().map(|&fill| (fill, cell(0, Cell { mark, fill }))));
    }
    // Every name in the place of the first. Letters stand in the order of the alphabet: an i is told from the l three
    // places on by its place.
    for (labels, pool) in [(row_labels as Labels, &pool.row_labels), (column_labels, &pool.column_labels)] {
        let instead = |other: &Label| (other.clone(), with(&|sheet| labels(sheet)[0].clone_from(other)));
        let mut names: Vec<Label> = labels(&mut sheet.clone()).iter().chain(pool).cloned().collect();
        if names.iter().all(|name| name.len() == 1) {
            let names = labels(&mut sheet.clone()).clone();
            for near in names.windows(names.len().min(3)) {
                easel.all_differ("letters", near.iter().map(instead));
            }
            continue;
        }
        names.sort_unstable();
        names.dedup();
        let names: Vec<Label> = names.iter().step_by(names.len().div_ceil(PLENTY)).cloned().collect();
        easel.all_differ("names", names.iter().map(instead));
    }
    if sheet.kind == Kind::Table {
        let path: Vec<usize> = (0..sheet.cells.len()).filter(|&at| sheet.cells[at].fill != Fill::Plain).collect();
        let read = |cursor: usize, read: usize| {
            let marked = (0..sheet.cells.len()).map(|at| path[..read].contains(&at)).collect();
            with(&|sheet| sheet.reader = Some(Reader { cursor, read: Vec::clone(&marked) }))
        };
        for at in 1..path.len() {
            easel.all_differ("cells that were read", [at - 1, at].map(|count| (count, read(path[at], count))));
            easel.all_differ("cursors", [at - 1, at].map(|at| (at, read(path[at], 0))));
        }
    }
}

/// The labels of one kind.
type Labels = fn(&mut Sheet) -> &mut Vec<Label>;

fn row_labels(sheet: &mut Sheet) -> &mut Vec<Label> {
    &mut sheet.row_labels
}

fn column_labels(sheet: &mut Sheet) -> &mut Vec<Label> {
    &mut sheet.column_labels
}

fn panels(easel: &mut Easel, panels: &Panels, slot: u8) {
    let shown = |panel: Panel| {
        let mut changed = panels.clone();
        changed.rows[0][0] = panel;
        Scene::Panels(changed)
    };
    let shapes = panels.options.iter().any(|panel| matches!(panel, Panel::Shapes(_)));
    if shapes {
        let (kinds, grays) = (0..SHAPE_KINDS.len() as u8, 0..GRAYS.len() as u8);
        let each =
            kinds.flat_map(|kind| grays.clone().flat_map(move |gray| (0..SIZES).map(move |size| (kind, gray, size))));
        let each = each.map(|(kind, gray, size)| Panel::Shapes(vec![Shape { kind, gray, size, slot }]));
        let places = (0..9).map(|slot| Panel::Shapes(vec![Shape { kind: 2, gray: 4, size: 0, slot }]));
        easel.all_differ("shapes", each.map(|panel| (panel.clone(), shown(panel))));
        let none = [Panel::Shapes(vec![]), Panel::Unknown];
        easel.all_differ("places", places.chain(none).map(|panel| (panel.clone(), shown(panel))));
        return;
    }
    // One line more or less, over those that the panel shows.
    let Panel::Lines(own) = panels.rows[0][0].clone() else { return };
    for others in [vec![], own] {
        let kinds = 0..LINE_KINDS.len() as u8;
        let each = kinds.flat_map(|kind| (0..4).map(move |gray| Line { kind, gray }));
        let fresh = each.filter(|line| others.iter().all(|other| other.kind != line.kind));
        let with = |line: Line| Panel::Lines(others.iter().copied().chain([line]).collect());
        let variants = fresh.map(with).chain([Panel::Lines(others.clone())]);
        easel.all_differ("lines", variants.map(|panel| (panel.clone(), shown(panel))));
    }
}

/// Runs what is to hold for levels whose pictures are laid out differently.
fn each(prove: impl Fn(&mut Easel, &Scene, usize)) {
    let mut proved = BTreeMap::new();
    for name in settings() {
        let setting = tasks::setting(&name).expect("it is a level");
        let drawn = format!("{:?}", setting.level.extreme());
        for theme in themes() {
            let side = setting.legible_side(theme);
            if proved.insert((drawn.clone(), theme.name()), side).is_some() {
                continue; // another level looks the same
            }
            // What is found at one size may be luck of rounding.
            for larger in [0, 4, 36] {
                for index in 0..addresses() {
                    let mut easel = Easel::new(&format!("{name}#val:0:{index}"), theme, side + larger);
                    let scene = easel.address.resolve().scene();
                    prove(&mut easel, &scene, index);
                }
            }
        }
    }
}

#[test]
fn what_decides_an_answer_looks_different_at_the_smallest_legible_size() {
    each(|easel, scene, index| match scene {
        Scene::Sheet(drawn) => {
            let Scene::Sheet(pool) = easel.address.setting.level.extreme() else { unreachable!() };
            sheet(easel, drawn, &pool);
        }
        Scene::Panels(drawn) => panels(easel, drawn, (index % 9) as u8),
    });
}

#[test]
fn whatever_is_larger_is_legible_too() {
    for name in settings() {
        let setting = tasks::setting(&name).expect("it is a level");
        for theme in themes() {
            let least = setting.legible_side(theme);
            assert!(least < 1200, "{name}: {least}");
            for side in (least..MOST).step_by(4).take(300).chain([1000, 1500, 2048, MOST]).filter(|&side| side >= least)
            {
                setting.check_legible([side, side], theme).expect("it is larger");
            }
            let below = setting.check_legible([least - 1, least - 1], theme).err();
            assert!(
                least == 64 || below.is_some_and(|error| error.to_string().contains(&format!("{least} x {least}")))
            );
        }
    }
}
