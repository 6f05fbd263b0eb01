//! The lines that open a rationale: the ends, and lists of what is where.

use super::{
    super::{
        bits::{Bits, Place},
        lines::{Finding, Key, Line, Listed, Named, Said},
    },
    state::{ENDS, Ends, Judge, LOST, MOVES, OBJECTS, OBSTACLES, REACHED},
};
use crate::verdict::{Reason, Skill};

/// Whether a line names one thing in full, `Collect the plane at (b, d).`: then it may be an errand and no list.
pub fn is_errand(text: &[u8], line: &Line) -> bool {
    line.listed.is_some_and(|listed| {
        listed.items == 1
            && (listed.kind == Key::Reach
                || line.said.has(Said::AT)
                || text.iter().any(|byte| b"(.!:".contains(byte)))
    })
}

impl Judge<'_> {
    /// Whether a way from one cell to another may be a part of the walk: one move, or between what is to be visited.
    fn is_leg(&self, from: Named, to: Named) -> bool {
        let (Some(from), Some(to)) = (self.cell(from), self.cell(to)) else { return false };
        let problem = self.problem;
        let met = |place: Place| place == problem.start || place == problem.destination || problem.object(place).is_some();
        from.manhattan(to) == 1 || (met(from) && met(to))
    }

    /// `ca to bb`
    pub fn ends(&mut self, line: &Line, prefaced: bool) -> Finding {
        let (mut start, mut destination) = (line.origin?, line.target?);
        if !(line.said.has(Said::TO) || (line.said.has(Said::START) && line.said.has(Said::DESTINATION)))
        {
            return None;
        }
        if line.said.has(Said::SWAPPED) {
            std::mem::swap(&mut start, &mut destination);
        }
        let destination_cell = destination;
        let source = self.cell(start) == Some(self.problem.start);
        let destination = self.cell(destination) == Some(self.problem.destination);
        self.repeated = self.told & ENDS != 0;
        let due = self.repeated || self.told & MOVES == 0;
        let names = line.said.has(Said::START) && line.said.has(Said::DESTINATION);
        let told = if prefaced { self.told != 0 } else { !due || self.repeated };
        if !(names || source && destination) && (prefaced || told) && self.is_leg(start, destination_cell) {
            return None; // `Move 3: ca to cb`
        }
        if prefaced && !names && told {
            return None;
        }
        if self.told & ENDS == 0 {
            self.ends = Ends { source: Some(source), destination: Some(destination) };
            self.told |= ENDS;
        }
        let fault = match (source && destination, due) {
            (true, true) => None,
            (true, false) => Some(Reason::OutOfOrder),
            (false, _) => Some(Reason::WrongCell),
        };
        Some((Skill::Locate, fault))
    }

    /// `collect heart ac`, `avoid aa`, `reach ca cb`, `lost heart ac`
    pub fn listed(&mut self, listed: Listed, nothing: bool, prefaced: bool) -> Finding {
        let none = nothing && matches!(listed.kind, Key::Avoid | Key::Collect);
        if listed.cells.is_empty() && !listed.wrong && !none {
            return None;
        }
        let problem = self.problem;
        let objects = || problem.objects.iter().fold(Bits::default(), |bits, &place| bits.or(Bits::of(place)));
        let (skill, whole, kind) = match listed.kind {
            Key::Avoid => (Skill::Avoid, problem.obstacles(), OBSTACLES),
            Key::Reach => (Skill::NextCell, problem.free.flood(problem.start), REACHED),
            Key::Lost => {
                let reached = problem.free.flood(problem.start);
                let fault = match (listed.wrong, listed.cells.and(reached).is_empty()) {
                    (true, _) => Some(Reason::WrongContents),
                    (false, false) => Some(Reason::WrongConclusion),
                    (false, true) => None,
                };
                self.repeated = self.told & LOST != 0;
                self.told |= LOST;
                return Some((Skill::Avoid, fault));
            }
            _ => (Skill::Read, objects(), OBJECTS),
        };
        // A part of what is to be listed, in the midst of other talk, is no list.
        let part = !listed.wrong
            && !nothing
            && usize::from(listed.items) == listed.cells.len()
            && listed.cells.without(whole).is_empty()
            && listed.cells != whole;
        if part && (prefaced || self.told & (kind | MOVES) != 0) {
            return None;
        }
        self.repeated = self.told & kind != 0;
        let late = !self.repeated && self.told & MOVES != 0;
        self.told |= kind;
        let fault = if listed.wrong || (nothing && !listed.cells.is_empty()) {
            Some(Reason::WrongContents)
        } else if !listed.cells.without(whole).is_empty() {
            Some(if listed.kind == Key::Reach { Reason::WrongCell } else { Reason::WrongContents })
        } else if listed.cells != whole {
            Some(Reason::Incomplete)
        } else if late {
            Some(Reason::OutOfOrder)
        } else {
            None
        };
        Some((skill, fault))
    }
}
