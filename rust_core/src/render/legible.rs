//! Whether a picture of a size tells apart what decides an answer: the layout's arithmetic against thresholds that
//! `tests/legible.rs` proves by drawing.

use super::{
    Theme,
    layout::{Layout, Shape},
    plan::{Needs, Plan},
    style::{PanelStyle, SheetStyle},
};
use crate::scene::{Kind, Panel, Panels, Scene, Sheet};

/// Height of capitals and digits at least, in pixels. Below it an 8 closes to a blot and a B is an R.
const CAP: u16 = 6;
/// Letters are condensed to so many 32nds of their width at most.
const SQUEEZE: u8 = 25;
/// Height of a board's letters at least; sixteen letters are told apart sooner than all.
const LETTER: u16 = 5;
/// The longer side of a board's symbols at least.
const SYMBOL: usize = 9;
/// The slot of a shape at least: its small one is then 4 pixels wide, with a fill of 2.
const SLOT: usize = 13;
/// The inside of a panel of lines at least: a circle and a diamond differ by whole pixels.
const PANEL: usize = 24;

/// Whether every look of a theme is legible at this height and width, for a scene as [`crate::task::Level::extreme`]
/// gives it.
pub fn reads(scene: &Scene, theme: Theme) -> impl Fn([usize; 2]) -> bool {
    let measures: Vec<Box<dyn Fn([usize; 2]) -> bool>> = match scene {
        Scene::Sheet(sheet) => SheetStyle::tightest(theme, sheet.kind).into_iter().map(|style| of_sheet(sheet, style)).collect(),
        Scene::Panels(panels) => PanelStyle::tightest(theme).into_iter().map(|style| of_panels(panels, style)).collect(),
    };
    move |size| measures.iter().all(|reads| reads(size))
}

fn of_sheet(sheet: &Sheet, style: SheetStyle) -> Box<dyn Fn([usize; 2]) -> bool> {
    let needs = Needs::of(sheet, &style);
    let board = sheet.kind == Kind::Board;
    Box::new(move |size| {
        let plan = Plan::of(&needs, &style, size);
        let told = |cap: u16, squeeze: u8, least: u16| cap >= least && squeeze >= SQUEEZE;
        let labels = [plan.row_label, plan.column_label];
        let least = if board { LETTER } else { CAP };
        labels.iter().all(|print| told(print.cap, print.squeeze, least))
            && if board { plan.side >= SYMBOL } else { told(plan.value.cap, plan.value.squeeze, CAP) }
    })
}

fn of_panels(panels: &Panels, style: PanelStyle) -> Box<dyn Fn([usize; 2]) -> bool> {
    let shape = Shape::of(panels);
    let lines = !panels.options.iter().any(|panel| matches!(panel, Panel::Shapes(_)));
    Box::new(move |[height, width]| {
        let layout = Layout::of(&shape, &style, height, width);
        let inside = layout.side.saturating_sub(2 * layout.frame);
        let number = layout.numbers.first().map_or(0, |area| area.height * 72 / 100);
        number >= usize::from(CAP) && if lines { inside >= PANEL } else { layout.slot() >= SLOT }
    })
}
