//! What holds of every picture, whatever is on it.

mod scenes;

use std::{collections::HashSet, path::Path};

use _core::{
    Error,
    fingerprint::Fingerprint,
    render::{LEAST, MOST, Renderer, Theme},
    scene::{Cell, Fill, GRAYS, Kind, Line, Mark, Panel, Panels, SYMBOLS, Scene, Shape, Sheet},
};
use scenes::{all, analogy, board, stream, table};

const EVERY: [Theme; 3] = [Theme::Paper, Theme::Varied, Theme::Compact];

fn renderer(height: usize, width: usize, theme: Theme) -> Renderer {
    Renderer::new(height, width, theme).expect("the size is in range")
}

fn drawn(scene: &Scene, height: usize, width: usize, theme: Theme, look: u64) -> Vec<u8> {
    let mut out = vec![0x5a; height * width * 3];
    renderer(height, width, theme).draw(scene, stream(look), &mut out);
    out
}

/// Draws scenes of one size and theme into fresh buffers.
struct Easel {
    renderer: Renderer,
    bytes: usize,
}

impl Easel {
    fn new(height: usize, width: usize, theme: Theme) -> Self {
        Self { renderer: renderer(height, width, theme), bytes: height * width * 3 }
    }

    fn sheet(&mut self, sheet: &Sheet) -> Vec<u8> {
        let mut out = vec![0x5a; self.bytes];
        self.renderer.draw_sheet(sheet, stream(1), &mut out);
        out
    }

    fn panels(&mut self, panels: &Panels) -> Vec<u8> {
        let mut out = vec![0x5a; self.bytes];
        self.renderer.draw(&Scene::Panels(panels.clone()), stream(1), &mut out);
        out
    }
}

fn changed(a: &[u8], b: &[u8]) -> Vec<usize> {
    let pixels = a.chunks_exact(3).zip(b.chunks_exact(3)).enumerate();
    pixels.filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect()
}

#[test]
fn sizes_out_of_range_are_errors() {
    for (height, width) in [(LEAST - 1, 448), (448, LEAST - 1), (MOST + 1, 448), (448, MOST + 1), (0, 0)] {
        let refused = Renderer::new(height, width, Theme::Paper).err();
        assert_eq!(refused, Some(Error::Size { height, width, least: LEAST, most: MOST }));
    }
    assert!(Theme::named("sepia").is_err());
}

#[test]
fn every_size_is_drawn_and_every_pixel_written() {
    let mut scenes = all();
    scenes.push(Scene::Sheet(table(20, 30, true, 11)));
    scenes.push(Scene::Sheet(board(30, 20, true, 12)));
    scenes.push(Scene::Panels(analogy(0, 9, 13)));
    for side in LEAST..=512 {
        let (height, width) = (side, LEAST + side * 37 % 449);
        for (number, scene) in scenes.iter().enumerate() {
            let theme = EVERY[(side + number) % 3];
            if (side + number / 3) % 3 != 0 && side > 100 {
                continue;
            }
            let mut renderer = renderer(height, width, theme);
            let [mut dark, mut light] = [vec![0; height * width * 3], vec![255; height * width * 3]];
            renderer.draw(scene, stream(side as u64), &mut dark);
            renderer.draw(scene, stream(side as u64), &mut light);
            assert!(dark == light, "{number} {height} {width} {theme:?}");
        }
    }
    for (height, width) in [(64, 4096), (4096, 64), (2048, 1024)] {
        for scene in &scenes {
            drawn(scene, height, width, Theme::Varied, 3);
        }
    }
}

#[test]
fn pictures_do_not_depend_on_what_was_drawn_before() {
    for theme in EVERY {
        for (height, width) in [(112, 112), (224, 300)] {
            let scenes = all();
            let fresh: Vec<Vec<u8>> =
                scenes.iter().enumerate().map(|(i, scene)| drawn(scene, height, width, theme, i as u64)).collect();
            let mut used = renderer(height, width, theme);
            let mut order: Vec<usize> = (0..scenes.len()).cycle().take(5 * scenes.len()).collect();
            stream(9).shuffle(&mut order);
            // Many looks between, so that what is kept is thrown away now and then.
            let mut out = vec![7; height * width * 3];
            for (turn, at) in order.into_iter().enumerate() {
                for other in 0..5 {
                    used.draw(&scenes[(turn + other) % scenes.len()], stream((turn * 5 + other) as u64), &mut out);
                }
                used.draw(&scenes[at], stream(at as u64), &mut out);
                assert!(out == fresh[at], "{at} {theme:?}");
            }
        }
    }
}

#[test]
fn repainting_a_cell_is_redrawing_the_picture() {
    let mut rng = stream(77);
    for theme in EVERY {
        for (height, width) in [(64, 64), (112, 112), (448, 448), (200, 333)] {
            let mut renderer = renderer(height, width, theme);
            for (turn, scene) in all().into_iter().enumerate() {
                let Scene::Sheet(mut sheet) = scene else { continue };
                let look = stream(turn as u64);
                let mut out = vec![0; height * width * 3];
                renderer.draw_sheet(&sheet, look.clone(), &mut out);
                for _ in 0..20 {
                    let at = rng.below(sheet.cells.len());
                    let mark = match sheet.kind {
                        Kind::Table => match sheet.cells[at].mark {
                            Mark::DigitWord(_) => Mark::DigitWord(rng.below(10) as u8),
                            _ => Mark::Digit(rng.below(10) as u8),
                        },
                        Kind::Board => [Mark::Blank, Mark::Walker, Mark::Symbol(rng.below(36) as u8)][rng.below(3)],
                    };
                    let fill = *rng.pick(&[Fill::Plain, Fill::Path, Fill::Start, Fill::Destination]);
                    sheet.cells[at] = Cell { mark, fill };
                    let place = [at / sheet.columns, at % sheet.columns];
                    renderer.draw_cell(&sheet, place[0], place[1], look.clone(), &mut out);
                    let mut anew = vec![255; out.len()];
                    renderer.draw_sheet(&sheet, look.clone(), &mut anew);
                    assert!(out == anew, "{place:?} of {turn} at {height}x{width} {theme:?}");
                }
            }
        }
    }
}

/// Sheets whose labels are all alike, so that emptying one does not change how large the others are.
fn uniform() -> Vec<Sheet> {
    let sheets = [table(4, 4, false, 1), table(5, 10, true, 2), table(12, 10, false, 3), board(6, 7, true, 4)];
    let sheets = sheets.into_iter().map(|mut sheet| {
        for labels in [&mut sheet.row_labels, &mut sheet.column_labels] {
            let widest = labels.iter().max_by_key(|label| label.len()).expect("there are labels").clone();
            labels.fill(widest);
        }
        sheet
    });
    sheets.collect()
}

#[test]
fn every_label_and_mark_shows_in_a_place_of_its_own_and_keeps_off_the_lines() {
    for theme in EVERY {
        for (height, width) in [(224, 224), (448, 448), (400, 750)] {
            let mut easel = Easel::new(height, width, theme);
            for sheet in uniform() {
                if sheet.columns > 8 && width < 400 {
                    continue; // words of a few pixels
                }
                let full = easel.sheet(&sheet);
                let mut emptied = vec![];
                for at in 0..sheet.cells.len() {
                    let mut less = sheet.clone();
                    less.cells[at].mark = Mark::Blank;
                    emptied.push((sheet.cells[at].mark == Mark::Blank, less));
                }
                for row in 0..sheet.rows {
                    let mut less = sheet.clone();
                    less.row_labels[row] = "".into();
                    emptied.push((false, less));
                }
                for column in 0..sheet.columns {
                    let mut less = sheet.clone();
                    less.column_labels[column] = "".into();
                    emptied.push((false, less));
                }
                let mut taken = HashSet::new();
                for (number, (blank, less)) in emptied.iter().enumerate() {
                    let empty = easel.sheet(less);
                    let ink = changed(&full, &empty);
                    assert_eq!(ink.is_empty(), *blank, "{number} of {:?} at {height}x{width} {theme:?}", sheet.kind);
                    let pixel = |at: usize| &empty[at * 3..at * 3 + 3];
                    for &at in &ink {
                        assert!(taken.insert(at), "two things in one place");
                        for next in [at - 1, at + 1, at - width, at + width] {
                            assert!(
                                pixel(next) == pixel(at),
                                "{number} of {:?} {}x{} touches a line at {height}x{width} {theme:?}",
                                sheet.kind,
                                sheet.rows,
                                sheet.columns
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_change_of_a_sheet_changes_its_picture() {
    for theme in EVERY {
        for side in [112, 224, 448] {
            let mut easel = Easel::new(side, side, theme);
            for sheet in [table(4, 4, false, 1), table(5, 10, true, 2), board(3, 3, true, 3), board(12, 12, true, 4)] {
                if side < 224 && sheet.columns > 8 && (theme == Theme::Compact || sheet.kind == Kind::Table) {
                    continue; // words in cells of ten pixels
                }
                let mut pictures = HashSet::from([easel.sheet(&sheet)]);
                let at = sheet.cells.iter().position(|cell| cell.fill == Fill::Plain).expect("not all is path");
                let marks: Vec<Mark> = match sheet.kind {
                    Kind::Table if sheet.columns > 8 => (0..10).map(Mark::DigitWord).collect(),
                    Kind::Table => (0..10).map(Mark::Digit).collect(),
                    Kind::Board => (0..36).map(Mark::Symbol).chain([Mark::Blank, Mark::Walker]).collect(),
                };
                for fill in [Fill::Plain, Fill::Path, Fill::Start, Fill::Destination] {
                    for &mark in marks.iter().filter(|_| side > 112 || sheet.columns < 5) {
                        let mut other = sheet.clone();
                        other.cells[at] = Cell { mark, fill };
                        let new = pictures.insert(easel.sheet(&other));
                        assert!(new || other == sheet, "{mark:?} {fill:?} {side} {theme:?}");
                    }
                }
                for row in 0..sheet.rows {
                    let mut other = sheet.clone();
                    other.row_labels[row] = "q".into();
                    assert!(pictures.insert(easel.sheet(&other)));
                }
                for column in 0..sheet.columns {
                    let mut other = sheet.clone();
                    other.column_labels[column] = "q".into();
                    assert!(pictures.insert(easel.sheet(&other)));
                }
            }
        }
    }
}

#[test]
fn symbols_differ_in_a_good_part_of_their_cell() {
    for theme in [Theme::Paper, Theme::Compact] {
        for side in [224, 448] {
            // One cell of a 6 x 6 board, all symbols in turn.
            let mut easel = Easel::new(side, side, theme);
            let mut sheet = symbols();
            sheet.cells.fill(Cell { mark: Mark::Blank, fill: Fill::Plain });
            let pictures: Vec<Vec<u8>> = (0..36)
                .map(|symbol| {
                    sheet.cells[14].mark = Mark::Symbol(symbol);
                    easel.sheet(&sheet)
                })
                .collect();
            let cell = (side / 7) * (side / 7);
            for (i, a) in pictures.iter().enumerate() {
                for (j, b) in pictures[..i].iter().enumerate() {
                    let strongly =
                        a.chunks_exact(3).zip(b.chunks_exact(3)).filter(|(a, b)| a[1].abs_diff(b[1]) > 80).count();
                    assert!(strongly * 20 > cell, "{} and {} at {side}: {strongly}", SYMBOLS[i].0, SYMBOLS[j].0);
                }
            }
        }
    }
}

#[test]
fn every_change_of_an_analogy_changes_its_picture() {
    for theme in EVERY {
        for side in [112, 224, 448] {
            let mut easel = Easel::new(side, side, theme);
            let lines = |lines: Vec<Line>| Panel::Lines(lines);
            let row = vec![lines(vec![]), lines(vec![]), Panel::Unknown];
            let base = Panels { rows: vec![row], options: vec![lines(vec![]); 4] };
            let mut pictures = HashSet::from([easel.panels(&base)]);
            let mut add = |panel: Panel, what: String| {
                for place in 0..3 {
                    let mut other = base.clone();
                    if place < 2 {
                        other.rows[0][place] = panel.clone();
                    } else {
                        other.options[3] = panel.clone();
                    }
                    assert!(pictures.insert(easel.panels(&other)), "{what} at {side} {theme:?}");
                }
            };
            for kind in 0..10 {
                for gray in 0..4 {
                    add(Panel::Lines(vec![Line { kind, gray }]), format!("line {kind} {gray}"));
                }
            }
            for kind in 0..5 {
                for gray in 0..5 {
                    for size in 0..4 {
                        for slot in [0, 4, 8] {
                            let shape = Shape { kind, gray, size, slot };
                            // The smallest shapes of the smallest pictures are a few pixels.
                            if side > 112 || (size == 3 && slot == 4) {
                                add(Panel::Shapes(vec![shape]), format!("{shape:?}"));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn grays_are_exact_and_the_order_of_lines_does_not_show() {
    for theme in EVERY {
        for look in 0..20 {
            for gray in 0..5 {
                let shapes = vec![Shape { kind: 1, gray, size: 3, slot: 4 }];
                let row = vec![Panel::Shapes(shapes), Panel::Shapes(vec![]), Panel::Unknown];
                let mut panels = Panels { rows: vec![row], options: vec![Panel::Shapes(vec![]); 4] };
                let level = GRAYS[usize::from(gray)];
                let count = |panels: &Panels| {
                    let picture = drawn(&Scene::Panels(panels.clone()), 224, 224, theme, look);
                    picture.chunks_exact(3).filter(|pixel| *pixel == [level; 3]).count()
                };
                let with = count(&panels);
                panels.rows[0][0] = Panel::Shapes(vec![]);
                let without = count(&panels);
                // White on white shows by its outline alone.
                assert!(with > without + 60 || level == 255, "{level} {theme:?} {with} {without}");
            }
        }
        let given: Vec<Line> = (0..10).map(|kind| Line { kind, gray: kind % 4 }).collect();
        let pictures: HashSet<Vec<u8>> = [given.clone(), given.into_iter().rev().collect()]
            .map(|lines| {
                let panels = Panels { rows: vec![vec![Panel::Lines(lines)]], options: vec![Panel::Unknown] };
                drawn(&Scene::Panels(panels), 224, 224, theme, 0)
            })
            .into();
        assert_eq!(pictures.len(), 1);
    }
}

#[test]
fn compact_cells_are_patches() {
    let sheet = Sheet {
        cells: (0..9)
            .map(|at| Cell { mark: Mark::Blank, fill: if at == 4 { Fill::Start } else { Fill::Plain } })
            .collect(),
        ..board(3, 3, false, 1)
    };
    let blue = |picture: &[u8], side: usize| -> Vec<(usize, usize)> {
        let pixels = picture.chunks_exact(3).enumerate();
        pixels.filter(|(_, pixel)| *pixel == [0x87, 0xce, 0xeb]).map(|(at, _)| (at % side, at / side)).collect()
    };
    let patch = |x: usize, y: usize, side: usize| -> Vec<(usize, usize)> {
        (1..side).flat_map(|dy| (1..side).map(move |dx| (x * side + dx, y * side + dy))).collect()
    };
    // A board's labels are at the left and at the bottom: the middle of 3 x 3 is patch (2, 1) of 4 x 4.
    let picture = drawn(&Scene::Sheet(sheet), 112, 112, Theme::Compact, 0);
    assert_eq!(blue(&picture, 112), patch(2, 1, 28));
    // A table's are at the left and at the top.
    let mut sheet = table(4, 4, false, 1);
    sheet.cells.fill(Cell { mark: Mark::Blank, fill: Fill::Plain });
    sheet.cells[0].fill = Fill::Path;
    let picture = drawn(&Scene::Sheet(sheet), 80, 80, Theme::Compact, 0);
    let yellow = picture.chunks_exact(3).enumerate().filter(|(_, pixel)| *pixel == [255, 255, 0]);
    assert_eq!(yellow.map(|(at, _)| (at % 80, at / 80)).collect::<Vec<_>>(), patch(1, 1, 16));
}

/// The same bytes on every platform, in every profile. A change here is an entry in the changelog.
#[test]
fn pictures_are_these() {
    let hashes = EVERY.map(|theme| {
        let mut hash = Fingerprint::default();
        for (height, width) in [(64, 64), (112, 128), (448, 448), (300, 700)] {
            for (number, scene) in all().iter().enumerate() {
                hash.bytes(&drawn(scene, height, width, theme, number as u64));
            }
        }
        format!("{:032x}", hash.finish())
    });
    let known =
        ["671fadfe8f44e070db4e37b48ddc642c", "18930939133cefbd618c33b7e00b1561", "cb0a7b17f007543b60c7818effd055dd"];
    assert_eq!(hashes, known);
}

fn write_png(path: &Path, pixels: &[u8], height: usize, width: usize) {
    let file = std::fs::File::create(path).expect("target/ can be written");
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("target/ can be written");
    writer.write_image_data(pixels).expect("target/ can be written");
}

/// Pictures to look at: `cargo test --test render -- --ignored`, then target/sheets/*.png.
#[test]
#[ignore = "writes pictures for a person to look at"]
fn contact_sheets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/sheets");
    std::fs::create_dir_all(&folder).expect("target/ can be written");
    for (name, theme) in [("paper", Theme::Paper), ("varied", Theme::Varied), ("compact", Theme::Compact)] {
        for (side, across) in [(64, 8), (80, 6), (112, 6), (224, 4), (448, 3)] {
            let mut scenes = vec![
                Scene::Sheet(table(4, 4, false, 1)),
                Scene::Sheet(table(5, 10, true, 2)),
                Scene::Sheet(table(12, 10, true, 3)),
                Scene::Sheet(table(7, 8, false, 4)),
                Scene::Sheet(board(3, 3, true, 5)),
                Scene::Sheet(board(8, 12, false, 6)),
                Scene::Sheet(board(12, 12, true, 7)),
                Scene::Sheet(symbols()),
                Scene::Panels(analogy(2, 4, 8)),
                Scene::Panels(analogy(1, 4, 9)),
                Scene::Panels(analogy(2, 4, 11)),
            ];
            scenes.truncate(12);
            let down = scenes.len().div_ceil(across);
            let gap = 6;
            let (height, width) = (down * (side + gap) + gap, across * (side + gap) + gap);
            let mut sheet = vec![200; height * width * 3];
            for (i, scene) in scenes.iter().enumerate() {
                let picture = drawn(scene, side, side, theme, i as u64 + 40);
                let (x, y) = (gap + i % across * (side + gap), gap + i / across * (side + gap));
                for (row, from) in picture.chunks_exact(side * 3).enumerate() {
                    sheet[((y + row) * width + x) * 3..][..side * 3].copy_from_slice(from);
                }
            }
            // Small pictures are shown larger.
            let zoom = if side < 100 {
                3
            } else if side < 200 {
                2
            } else {
                1
            };
            let mut large = Vec::with_capacity(sheet.len() * zoom * zoom);
            for row in sheet.chunks_exact(width * 3) {
                let wide: Vec<u8> = row.chunks_exact(3).flat_map(|p| p.repeat(zoom)).collect();
                (0..zoom).for_each(|_| large.extend_from_slice(&wide));
            }
            write_png(&folder.join(format!("{name}_{side}.png")), &large, height * zoom, width * zoom);
        }
        for (what, scene, height, width) in [
            ("table", Scene::Sheet(table(12, 10, true, 3)), 800, 1500),
            ("consecutive", Scene::Sheet(table(5, 10, true, 2)), 800, 1500),
            ("board", Scene::Sheet(board(10, 10, true, 6)), 1000, 1000),
            ("symbols", Scene::Sheet(symbols()), 1000, 1000),
            ("analogy", Scene::Panels(analogy(2, 4, 8)), 900, 800),
            ("analogy_wide", Scene::Panels(analogy(2, 4, 9)), 800, 1500),
        ] {
            let picture = drawn(&scene, height, width, theme, 77);
            write_png(&folder.join(format!("{name}_{what}_{height}x{width}.png")), &picture, height, width);
        }
    }
}

/// Every symbol once.
fn symbols() -> Sheet {
    let mut sheet = board(6, 6, false, 0);
    for (cell, symbol) in sheet.cells.iter_mut().zip(0..) {
        *cell = Cell { mark: Mark::Symbol(symbol), fill: Fill::Plain };
    }
    sheet
}
