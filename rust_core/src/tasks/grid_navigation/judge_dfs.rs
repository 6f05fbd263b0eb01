//! Judging the lines of a depth-first trace against the search itself.
//!
//! The search follows the reply: a wrong verdict counts as the heading considered, a wrong move puts the
//! searcher on the cell that was claimed. Only where that cell is no free one the thread is lost; then what depends
//! on the way gone is unsupported, and the next line that names the free cell it starts from takes it up again.

use super::{
    problem::Problem,
    bits::{Heading, Place},
    dfs::{Check, Search},
    lines::{Finding, Key, Line, Named, Said},
};
use crate::verdict::{Reason, Skill};

/// A search as a reply tells it.
pub struct Follower<'a> {
    problem: &'a Problem,
    search: Search<'a>,
    lost: bool,
    /// An object has been collected by the last move.
    picked: bool,
    /// How far the search had come when a header was last told.
    headed: Option<(Place, u8, usize)>,
}

/// The verdict that a line gives.
fn claim(key: Key) -> Option<Check> {
    Some(match key {
        Key::Outside => Check::Outside,
        Key::Visited => Check::Visited,
        Key::Closed => Check::Closed,
        Key::Future => Check::Future,
        Key::Okay => Check::Okay,
        _ => return None,
    })
}

impl<'a> Follower<'a> {
    /// At the start.
    pub fn new(problem: &'a Problem) -> Self {
        Self { problem, search: Search::new(problem), lost: false, picked: false, headed: None }
    }

    /// Whether the search has met its last goal.
    pub fn is_done(&self) -> bool {
        self.search.done()
    }

    /// Where the searcher stands.
    pub fn place(&self) -> Place {
        self.search.place()
    }

    /// Whether a line is the one that is due: it starts here, and considers the heading whose turn it is or goes back.
    pub fn is_next(&self, line: &Line) -> bool {
        let here = |named: Option<Named>| self.free(named) == Some(self.search.place());
        if self.lost || self.search.done() {
            return false;
        }
        match (line.heading, line.check) {
            (Some(heading), _) => (line.origin.is_none() || here(line.origin)) && self.search.due() == Some(heading),
            (None, Some(Key::Retrace)) if line.target.is_some() || line.said.has(Said::NOTHING) => {
                self.search.due().is_none() && (line.origin.is_none() || here(line.origin))
            }
            (None, Some(Key::Retrace)) => {
                self.search.due().is_none() && self.search.previous().is_some_and(|place| line.origin == Some(Named::Cell(place)))
            }
            (None, _) => here(line.origin),
        }
    }

    /// Whether a line that is due says what is so.
    pub fn is_true(&self, line: &Line) -> bool {
        match (line.heading, line.check.and_then(claim)) {
            (Some(heading), Some(claim)) => {
                let (truth, next) = self.search.check(heading);
                claim == truth && line.target.is_none_or(|target| next.is_some_and(|next| target == Named::Cell(next)))
            }
            (None, _) => line.check.is_none() || self.search.previous().is_some_and(|place| {
                line.target.or(line.origin) == Some(Named::Cell(place))
            }),
            _ => false,
        }
    }

    /// Talk may have led to where a line starts, or told what lies in the headings before its own: the last cell it named and how
    /// many cells and headings, and which headings.
    pub fn catch_up(&mut self, line: &Line, heard: Option<(Place, usize)>, turns: u8) {
        if let (Some((place, said)), Some(stated)) = (heard, self.free(line.origin))
            && place == stated
            && place != self.search.place()
            && self.search.place().manhattan(place) <= said
            && !self.search.done()
        {
            self.follow(Some(place), None);
        }
        while !self.search.done()
            && let Some(due) = self.search.due()
            && line.heading != Some(due)
            && turns >> due as u8 & 1 == 1
            && self.search.check(due).0 != Check::Okay
        {
            self.search.consider(due);
        }
    }

    /// Goes on by a line, whatever may be said of it.
    pub fn take(&mut self, line: &Line) {
        match line.heading {
            Some(heading) => {
                self.check(line, heading);
            }
            None if line.check.is_some() => {
                self.retrace(line);
            }
            None => {
                self.header(line);
            }
        }
    }

    /// Notes a header; whether one was told before that as much was known at.
    pub fn is_header_again(&mut self) -> bool {
        let progress = Some(self.search.progress());
        std::mem::replace(&mut self.headed, progress) == progress
    }

    /// A cell that a searcher can stand on.
    fn free(&self, named: Option<Named>) -> Option<Place> {
        match named {
            Some(Named::Cell(place)) if self.problem.free.has(place) => Some(place),
            _ => None,
        }
    }

    /// Puts the searcher on the claimed cell, or loses the thread.
    fn follow(&mut self, place: Option<Place>, heading: Option<Heading>) {
        self.picked = false;
        self.lost = place.is_none();
        let Some(place) = place else { return };
        if let Some(heading) = heading {
            self.picked = self.search.enter(place, heading) && !self.search.done();
        } else if place != self.search.place() && !self.search.retrace(place) {
            self.picked = self.search.enter(place, Heading::Up) && !self.search.done();
        }
    }

    /// `ca up ba closed dot`; also the cells that the line goes from and to, if it goes.
    pub fn check(&mut self, line: &Line, heading: Heading) -> Finding {
        let claim = claim(line.check?)?;
        let skill = match claim {
            Check::Okay if line.symbol.is_some() || line.said.has(Said::COLLECT) => Skill::Collect,
            Check::Okay => Skill::Move,
            _ => Skill::Avoid,
        };
        let was_lost = self.lost;
        let stated = self.free(line.origin);
        let mut fault = None;
        if was_lost {
            if stated.is_none() {
                return Some((skill, Some(Reason::AfterError)));
            }
            self.follow(stated, None);
        } else if self.search.done() {
            return Some((skill, Some(Reason::Extra)));
        } else if line.origin.is_some() && stated != Some(self.search.place()) {
            fault = Some(Reason::WrongOrigin);
            self.follow(stated, None);
            if self.lost {
                return Some((skill, fault));
            }
        }
        self.picked = false;
        let (truth, next) = self.search.check(heading);
        let next = next.filter(|_| truth != Check::Outside);
        let target = match line.target {
            Some(Named::Cell(place)) if self.problem.holds(place) => Some(place),
            _ => None,
        };
        fault = fault.or_else(|| {
            if line.target.is_some() && target != next {
                Some(if target.is_none() { Reason::NoSuchName } else { Reason::WrongTarget })
            } else {
                self.verdict(line, claim, truth, next).or_else(|| {
                    let due = was_lost || self.search.due() == Some(heading);
                    (!due).then_some(Reason::OutOfOrder)
                })
            }
        });
        // What hangs on the way gone cannot be judged where the way is not known.
        if was_lost
            && !matches!(fault, Some(Reason::OffGrid | Reason::Obstacle | Reason::WrongTarget | Reason::NoSuchName))
        {
            let fact = |check| matches!(check, Check::Outside | Check::Closed);
            if !(fact(claim) || fact(truth)) {
                fault = Some(Reason::AfterError);
            }
        }
        self.search.consider(heading);
        if claim == Check::Okay {
            let place = if line.target.is_some() { self.free(line.target) } else { next };
            self.follow(place.filter(|&place| self.problem.free.has(place)), Some(heading));
        }
        Some((skill, fault))
    }

    /// Whether the verdict is right, and what is said to be there.
    fn verdict(&self, line: &Line, claim: Check, truth: Check, next: Option<Place>) -> Option<Reason> {
        if claim != truth {
            return Some(match (claim, truth) {
                (Check::Okay, Check::Outside) => Reason::OffGrid,
                (Check::Okay, Check::Closed) => Reason::Obstacle,
                _ => Reason::WrongCheck,
            });
        }
        let held = next.and_then(|next| self.problem.symbol(next)).map(|symbol| symbol as u8);
        let named = line.symbol.is_none_or(|symbol| held == Some(symbol) && !line.said.has(Said::HEDGED));
        let picks = claim != Check::Okay
            || !(line.symbol.is_some() || line.said.has(Said::COLLECT))
            || next.is_some_and(|next| self.search.is_goal(next) && next != self.problem.destination);
        let ends = (!line.said.has(Said::DESTINATION) || next == Some(self.problem.destination))
            && (!line.said.has(Said::START) || next == Some(self.problem.start));
        if named && picks && ends { None } else { Some(Reason::WrongContents) }
    }

    /// `At (c, a), collect heart:`
    pub fn header(&mut self, line: &Line) -> (Skill, Option<Reason>) {
        let collects = line.said.has(Said::COLLECT) || line.symbol.is_some();
        let skill = if collects { Skill::Collect } else { Skill::NextCell };
        let stated = self.free(line.origin);
        if self.lost {
            self.follow(stated, None);
            return (skill, Some(Reason::AfterError));
        }
        if self.search.done() {
            return (skill, Some(Reason::Extra));
        }
        if stated != Some(self.search.place()) {
            self.follow(stated, None);
            return (skill, Some(Reason::WrongCell));
        }
        let picked = std::mem::replace(&mut self.picked, false);
        let held = stated.and_then(|place| self.problem.symbol(place)).map(|symbol| symbol as u8);
        let named = line.symbol.is_none_or(|symbol| held == Some(symbol) && !line.said.has(Said::HEDGED));
        (skill, if picked == collects && named { None } else { Some(Reason::WrongContents) })
    }

    /// `cb retrace ca`
    pub fn retrace(&mut self, line: &Line) -> (Skill, Option<Reason>) {
        let skill = Skill::NextCell;
        let (from, to) = match (line.origin, line.target, line.said.has(Said::NOTHING)) {
            (from, Some(to), _) => (from, Some(to)),
            (from, None, true) => (from, None),
            (to, None, false) => (None, to),
        };
        let stated = self.free(to);
        if self.lost {
            if to.is_some() {
                self.follow(stated, None);
            }
            return (skill, Some(Reason::AfterError));
        }
        if self.search.done() {
            return (skill, Some(Reason::Extra));
        }
        let previous = self.search.previous();
        let right = self.search.due().is_none()
            && match to {
                Some(_) => stated.is_some() && stated == previous,
                None => !line.said.has(Said::NOTHING) || previous.is_none(),
            };
        let fault = if from.is_some() && self.free(from) != Some(self.search.place()) {
            Some(Reason::WrongOrigin)
        } else if right {
            None
        } else {
            Some(Reason::WrongRetrace)
        };
        match (to, line.said.has(Said::NOTHING)) {
            (Some(_), _) => self.follow(stated, None),
            (None, false) => self.follow(previous, None),
            (None, true) => {}
        }
        (skill, fault)
    }
}
