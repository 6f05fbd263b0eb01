//! A picture in indices is the picture, whatever its look, its size and what was drawn before it.

mod scenes;

use _core::{
    render::{Renderer, Theme},
    scene::{Cell, Fill, Mark, Reader, Scene},
};
use scenes::{all, board, stream, table};

const EVERY: [Theme; 3] = [Theme::Paper, Theme::Varied, Theme::Compact];
/// What stands behind every row and must be left there.
const LEFT: u8 = 0xa5;

fn indices(renderer: &mut Renderer, scene: &Scene, size: [usize; 2], look: u64) -> Option<(Vec<u8>, Vec<[u8; 3]>)> {
    let [height, width] = size;
    let mut out = vec![LEFT; height * (width + 1)];
    let palette = renderer.draw_indices(scene, stream(look), &mut out)?;
    Some((out, palette))
}

/// Scenes whose colors are known, with every mark and ground, one of them being read.
fn known() -> Vec<Scene> {
    let mut sheets = vec![
        table(4, 4, false, 1),
        table(12, 10, true, 2),
        board(6, 6, false, 3),
        board(9, 12, true, 4),
        table(16, 12, false, 5),
    ];
    let fills = [Fill::Plain, Fill::Path, Fill::Start, Fill::Destination];
    for (at, cell) in sheets[3].cells.iter_mut().enumerate() {
        *cell = Cell { mark: Mark::Symbol((at / 4) as u8), fill: fills[at % 4] };
    }
    let read = sheets[4].cells.iter().enumerate().map(|(at, cell)| cell.fill != Fill::Plain && at % 2 == 0).collect();
    sheets[4].reader = Some(Reader { cursor: 17, read });
    sheets.into_iter().map(Scene::Sheet).collect()
}

#[test]
fn indices_and_palette_are_the_picture() {
    let scenes = known();
    for theme in EVERY {
        for [height, width] in [[64, 64], [112, 150], [448, 448], [201, 73]] {
            let new = || Renderer::new(height, width, theme).expect("the size is in range");
            let mut kept = new();
            for look in 0..24 {
                let scene = &scenes[look as usize % scenes.len()];
                let mut picture = vec![0x5a; height * width * 3];
                new().draw(scene, stream(look), &mut picture);
                let (rows, palette) = indices(&mut kept, scene, [height, width], look).expect("colors are known");
                assert!(palette.len() <= 256);
                let mut found = vec![];
                for row in rows.chunks_exact(width + 1) {
                    assert_eq!(row[width], LEFT);
                    found.extend(row[..width].iter().flat_map(|index| palette[usize::from(*index)]));
                }
                assert!(found == picture, "{look} of {theme:?} at {height}x{width}");
                assert_eq!(indices(&mut new(), scene, [height, width], look), Some((rows, palette)));
            }
        }
    }
}

#[test]
fn colors_that_are_not_known_are_not_guessed() {
    let mut renderer = Renderer::new(128, 128, Theme::Paper).expect("the size is in range");
    let mut walked = board(5, 5, false, 6);
    walked.cells[7].mark = Mark::Walker;
    let panels = all().into_iter().filter(|scene| matches!(scene, Scene::Panels(_)));
    for scene in panels.chain([Scene::Sheet(walked)]) {
        let mut out = vec![LEFT; 128 * 129];
        assert_eq!(renderer.draw_indices(&scene, stream(1), &mut out), None);
        assert!(out.iter().all(|byte| *byte == LEFT));
    }
}
