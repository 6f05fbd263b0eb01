//! Scenes like the tasks', made by hand: the renderer is tested and timed without them.

use _core::{
    rng::Rng,
    scene::{Cell, Fill, Kind, Line, Mark, OBJECTS, Panel, Panels, SYMBOLS, Scene, Shape, Sheet},
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FIRSTS: [&str; 8] = ["Alpha", "Beta", "Gamma", "Delta", "Sigma", "Turbo", "Micro", "Hyper"];
const SECONDS: [&str; 8] = ["Widget", "Gadget", "Tool", "Device", "Module", "Engine", "Sensor", "Drive"];
const SHORTS: [&str; 12] = ["Ant", "Bee", "Cat", "Dog", "Elk", "Fox", "Gnu", "Hen", "Ibis", "Jay", "Koi", "Mew"];

/// A stream of its own for each number.
pub fn stream(number: u64) -> Rng {
    Rng::keyed([number, 7, 7, 7])
}

/// A table with a path in it; long names and words, or short names and digits.
pub fn table(rows: usize, columns: usize, words: bool, number: u64) -> Sheet {
    let mut rng = stream(number);
    let mut months = MONTHS;
    rng.shuffle(&mut months);
    let mut names: Vec<String> = if words {
        FIRSTS.iter().flat_map(|a| SECONDS.iter().map(move |b| format!("{a}{b}"))).collect()
    } else {
        SHORTS.iter().map(|&name| name[..3].to_owned()).collect()
    };
    rng.shuffle(&mut names);
    let mut cells: Vec<Cell> = (0..rows * columns)
        .map(|_| {
            let digit = rng.below(10) as u8;
            Cell { mark: if words { Mark::DigitWord(digit) } else { Mark::Digit(digit) }, fill: Fill::Plain }
        })
        .collect();
    // Along a row, down, and back.
    let (top, bottom) = (rng.below(rows), rng.below(rows));
    let column = columns - 1;
    let mut path: Vec<usize> = (0..columns).map(|c| top * columns + c).collect();
    let mut row = top;
    while row != bottom {
        row = if row < bottom { row + 1 } else { row - 1 };
        path.push(row * columns + column);
    }
    for &at in &path {
        cells[at].fill = Fill::Path;
    }
    cells[path[0]].fill = Fill::Start;
    cells[path[path.len() - 1]].fill = Fill::Destination;
    Sheet {
        kind: Kind::Table,
        rows,
        columns,
        cells,
        row_labels: names.into_iter().cycle().take(rows).map(Into::into).collect(),
        column_labels: (0..columns)
            .map(|c| if words { months[c % 12].into() } else { months[c % 12][..3].into() })
            .collect(),
        reader: None,
    }
}

/// A board with start, destination, objects and obstacles, and a walker if asked for.
pub fn board(rows: usize, columns: usize, walker: bool, number: u64) -> Sheet {
    let mut rng = stream(number);
    let letters = |count: usize| (0..count).map(|i| ((b'a' + (i % 26) as u8) as char).to_string().into()).collect();
    let mut cells: Vec<Cell> = (0..rows * columns)
        .map(|_| {
            let mark = match rng.below(20) {
                0 => Mark::Symbol(rng.below(OBJECTS) as u8),
                1..=7 => Mark::Symbol(rng.between(OBJECTS, SYMBOLS.len() - 1) as u8),
                _ => Mark::Blank,
            };
            Cell { mark, fill: Fill::Plain }
        })
        .collect();
    let mut places: Vec<usize> = (0..cells.len()).collect();
    rng.choose(&mut places, 2);
    let mark = if walker { Mark::Walker } else { Mark::Blank };
    cells[places[0]] = Cell { mark, fill: Fill::Start };
    cells[places[1]] = Cell { mark: Mark::Blank, fill: Fill::Destination };
    let (row_labels, column_labels) = (letters(rows), letters(columns));
    Sheet { kind: Kind::Board, rows, columns, cells, row_labels, column_labels, reader: None }
}

/// Example rows and a query row of three panels, and options.
pub fn analogy(examples: usize, options: usize, number: u64) -> Panels {
    let mut rng = stream(number);
    let mut rows: Vec<Vec<Panel>> = (0..=examples)
        .map(|_| {
            let lines = rng.chance(0.4);
            (0..3).map(|_| panel(&mut rng, lines)).collect()
        })
        .collect();
    rows[examples][2] = Panel::Unknown;
    let lines = matches!(rows[examples][0], Panel::Lines(_));
    Panels { rows, options: (0..options).map(|_| panel(&mut rng, lines)).collect() }
}

fn panel(rng: &mut Rng, lines: bool) -> Panel {
    if lines {
        let mut kinds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let count = rng.between(1, 4);
        rng.choose(&mut kinds, count);
        Panel::Lines(kinds[..count].iter().map(|&kind| Line { kind, gray: rng.below(4) as u8 }).collect())
    } else {
        let mut slots = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        let count = rng.between(1, 5);
        rng.choose(&mut slots, count);
        let shape = |slot: u8, rng: &mut Rng| Shape {
            kind: rng.below(5) as u8,
            gray: rng.below(5) as u8,
            size: rng.below(4) as u8,
            slot,
        };
        Panel::Shapes(slots[..count].iter().map(|&slot| shape(slot, rng)).collect())
    }
}

/// One of everything, for whatever must hold of all.
#[allow(dead_code, reason = "the bench has its own")]
pub fn all() -> Vec<Scene> {
    vec![
        Scene::Sheet(table(4, 4, false, 1)),
        Scene::Sheet(table(5, 10, true, 2)),
        Scene::Sheet(table(12, 10, true, 3)),
        Scene::Sheet(table(7, 8, false, 4)),
        Scene::Sheet(board(3, 3, true, 5)),
        Scene::Sheet(board(8, 12, false, 6)),
        Scene::Sheet(board(12, 12, true, 7)),
        Scene::Panels(analogy(2, 4, 8)),
        Scene::Panels(analogy(1, 4, 9)),
        Scene::Panels(analogy(2, 2, 10)),
    ]
}
