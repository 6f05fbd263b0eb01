//! Whether a picture of a size tells apart what decides an answer: the layout's arithmetic against thresholds that
//! `tests/legible.rs` proves by drawing.

use super::{
    font::Print,
    layout::{Layout, Shape},
    plan::{Needs, Plan},
    style::{PanelStyle, SheetStyle},
    theme::Theme,
};
use crate::scene::{Kind, Panel, Panels, Scene, Sheet};

/// Height of capitals and digits at least, in pixels. Below it an 8 closes to a blot.
const CAP: u16 = 5;
/// Letters are condensed to so many 32nds of their width at most.
const SQUEEZE: u8 = 24;
/// The same of labels that are letters from a on, by the last of them: an h differs from a b in its foot alone, a j
/// from an i in its tail.
const LETTERS: [(u8, u16); 3] = [(b'g', 6), (b'i', 7), (b'z', 8)];
/// Of letters that stand alone only an m is condensed, and read all the same.
const SQUEEZE_LETTER: u8 = 20;
/// The longer side of a board's symbols at least.
const SYMBOL: usize = 9;
/// The slot of a shape at least: its smallest triangle is then 6 pixels wide, and its fill 4.
const SLOT: usize = 14;
/// The inside of a panel of lines at least: a circle and a diamond differ by whole pixels.
const PANEL: usize = 24;

/// Tells whether pictures of a height and width are legible.
pub type Reads = Box<dyn Fn([usize; 2]) -> bool + Send + Sync>;

/// Whether every look of a theme is legible at this height and width, for a scene as [`crate::task::Level::extreme`]
/// gives it.
pub fn reads(scene: &Scene, theme: Theme) -> Reads {
    let measures: Vec<Reads> = match scene {
        Scene::Sheet(sheet) => {
            SheetStyle::tightest(theme, sheet.kind).into_iter().map(|style| of_sheet(sheet, style)).collect()
        }
        Scene::Panels(panels) => {
            PanelStyle::tightest(theme).into_iter().map(|style| of_panels(panels, style)).collect()
        }
    };
    Box::new(move |size| measures.iter().all(|reads| reads(size)))
}

fn of_sheet(sheet: &Sheet, style: SheetStyle) -> Reads {
    let needs = Needs::of(sheet, &style);
    let board = sheet.kind == Kind::Board;
    let labels = || sheet.row_labels.iter().chain(&sheet.column_labels);
    let last = labels().filter_map(|label| label.bytes().next()).max().unwrap_or(b'a');
    let letter = LETTERS.iter().find(|(letter, _)| last <= *letter).map_or(CAP, |(_, cap)| *cap);
    let alone = labels().all(|label| label.len() == 1);
    let (least, squeeze) = if alone { (letter, SQUEEZE_LETTER) } else { (CAP, SQUEEZE) };
    Box::new(move |size| {
        let plan = Plan::of(&needs, &style, size);
        let told = |print: Print, least: u16, squeeze: u8| print.cap >= least && print.squeeze >= squeeze;
        let labels = [plan.row_label, plan.column_label];
        labels.iter().all(|&print| told(print, least, squeeze))
            && if board { plan.side >= SYMBOL } else { told(plan.value, CAP, SQUEEZE) }
    })
}

fn of_panels(panels: &Panels, style: PanelStyle) -> Reads {
    let shape = Shape::of(panels);
    let lines = !panels.options.iter().any(|panel| matches!(panel, Panel::Shapes(_)));
    Box::new(move |[height, width]| {
        let layout = Layout::of(&shape, &style, height, width);
        let inside = layout.side.saturating_sub(2 * layout.frame);
        let number = layout.numbers.first().map_or(0, |area| area.height * 72 / 100);
        number >= usize::from(CAP) && if lines { inside >= PANEL } else { layout.slot() >= SLOT }
    })
}
