//! The depth-first trace: a search that can be told, and checked, step by step.
//!
//! The objects are collected in a fixed order, then the destination is walked to: one *stage* each. The
//! order is that of the first visits of the shortest tour (ties by up, down, left, right) that does not cross the destination
//! early; if no tour can avoid that, the destination may be crossed in every stage.
//!
//! In a stage the searcher stands on a cell and considers the four headings, those first whose cell is
//! nearest to the stage's goal: by rows plus columns, then by straight distance, then up, down, left, right. The first
//! of these that holds is the verdict on a heading:
//!
//! | verdict | the cell |
//! |---|---|
//! | outside | is not on the grid |
//! | visited | has been entered in this stage |
//! | closed | holds an obstacle |
//! | future-collect | holds the object of a later stage, or is the destination and may not be crossed yet |
//! | okay | is none of these: the searcher goes there |
//!
//! Where all headings have been considered and none was okay it retraces one step and considers what is
//! left there. The stage ends on its goal; nothing counts as visited then but the cell stood on. So every cell is entered at
//! most once a stage, and each stage finds its goal: the order was chosen so. The walk found is the one
//! that was not retraced; it may be longer than the shortest. Where there is no way, the only goal is the first
//! object or end that cannot be reached, nothing is future, and the search ends with nothing to retrace.
//!
//! The lines, full and terse, after those that open any rationale (the objects in the order of the stages):
//! ```text
//! At (c, a):                                                                next_cell
//! up: (b, a) closed (dot)                          ca up ba closed dot      avoid
//! left: outside                                    ca left outside          avoid
//! down: (d, a) visited                             ca down da visited       avoid
//! up: (b, a) future-collect (star)                 ca up ba later star      avoid
//! right: (c, b) okay                               ca right cb okay         move
//! At (c, b), collect heart:                        ca right cb okay heart   collect
//! Dead end, retrace 1 step to (c, a)               cb retrace ca            next_cell
//! At (c, a) again:                                                          next_cell
//! Dead end, nothing to retrace                     ca retrace none          next_cell
//! ```

use super::{
    problem::Problem,
    bits::{Bits, HEADINGS, Heading, Place},
    guide::neighbour,
    plan::Plan,
    names::{name, push_cell},
};
use crate::{rationale::Rationale, task::Style, verdict::Skill};

/// The verdict on a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not on the grid.
    Outside,
    /// Entered before in this stage.
    Visited,
    /// An obstacle.
    Closed,
    /// Due later.
    Future,
    /// Goes there.
    Okay,
}

/// A cell of the way gone.
#[derive(Debug, Clone, Copy)]
struct Stop {
    place: Place,
    /// How it was entered; the start's does not matter.
    heading: Heading,
    /// Headings considered, one bit each.
    considered: u8,
}

/// A search under way.
#[derive(Clone)]
pub struct Search<'a> {
    problem: &'a Problem,
    plan: Plan,
    stage: usize,
    visited: Bits,
    /// The way gone, over all stages; never empty.
    trail: Vec<Stop>,
    /// Where the stage began in it.
    base: usize,
}

impl<'a> Search<'a> {
    /// At the start.
    pub fn new(problem: &'a Problem) -> Self {
        let mut trail = Vec::with_capacity(64);
        trail.push(Stop { place: problem.start, heading: Heading::Up, considered: 0 });
        Self { problem, plan: *problem.plan(), stage: 0, visited: Bits::of(problem.start), trail, base: 0 }
    }

    fn top(&self) -> Stop {
        *self.trail.last().expect("the trail holds the start")
    }

    /// Where the searcher stands.
    pub fn place(&self) -> Place {
        self.top().place
    }

    /// How far it has come where it stands: the cell, the headings considered there, the stage.
    pub fn progress(&self) -> (Place, u8, usize) {
        (self.place(), self.top().considered, self.stage)
    }

    /// Whether the last goal has been reached.
    pub fn done(&self) -> bool {
        self.stage == self.plan.count
    }

    /// The heading to be considered next, `None` where all have been.
    pub fn due(&self) -> Option<Heading> {
        let Stop { place, considered, .. } = self.top();
        let goal = self.plan.goals[self.stage.min(self.plan.count - 1)];
        let down = goal.row() as i32 - place.row() as i32;
        let right = goal.column() as i32 - place.column() as i32;
        let cost = |heading| {
            let (dr, dc) = match heading {
                Heading::Up => (-1, 0),
                Heading::Down => (1, 0),
                Heading::Left => (0, -1),
                Heading::Right => (0, 1),
            };
            let (r, c): (i32, i32) = (down - dr, right - dc);
            (r.abs() + c.abs()) << 16 | (r * r + c * c)
        };
        HEADINGS
            .into_iter()
            .filter(|&heading| considered >> heading as u8 & 1 == 0)
            .min_by_key(|&heading| cost(heading))
    }

    /// Whether a cell is what this stage looks for.
    pub fn is_goal(&self, place: Place) -> bool {
        !self.done() && self.plan.goals[self.stage] == place
    }

    /// The verdict on a heading, and the cell it leads to if that is on the lattice.
    pub fn check(&self, heading: Heading) -> (Check, Option<Place>) {
        let next = neighbour(self.place(), heading);
        let Some(place) = next.filter(|&place| self.problem.holds(place)) else { return (Check::Outside, next) };
        let later = &self.plan.goals[(self.stage + 1).min(self.plan.count)..self.plan.count];
        let check = if self.visited.has(place) {
            Check::Visited
        } else if !self.problem.free.has(place) {
            Check::Closed
        } else if later.contains(&place) && !(self.plan.crossing && place == self.problem.destination) {
            Check::Future
        } else {
            Check::Okay
        };
        (check, Some(place))
    }

    /// Notes that a heading has been considered.
    pub fn consider(&mut self, heading: Heading) {
        self.trail.last_mut().expect("the trail holds the start").considered |= 1 << heading as u8;
    }

    /// Goes to a cell; whether that ends the stage.
    pub fn enter(&mut self, place: Place, heading: Heading) -> bool {
        self.trail.push(Stop { place, heading, considered: 0 });
        let met = self.is_goal(place);
        if met {
            self.stage += 1;
            self.visited = Bits::default();
            self.base = self.trail.len() - 1;
        }
        self.visited.insert(place);
        met
    }

    /// The cell to retrace to.
    pub fn previous(&self) -> Option<Place> {
        let last = self.trail.len() - 1;
        (last > self.base).then(|| self.trail[last - 1].place)
    }

    /// Goes back to the cell before, or to an earlier one of this stage; whether there is such a cell.
    pub fn retrace(&mut self, place: Place) -> bool {
        let last = self.trail.len() - 1;
        // A search enters no cell twice in a stage; a reply may, but looking further back would not be linear.
        let first = self.base.max(last.saturating_sub(256));
        match self.trail[first..last].iter().rposition(|stop| stop.place == place) {
            Some(at) => {
                self.trail.truncate(first + at + 1);
                true
            }
            None => false,
        }
    }

    /// The moves that were not retraced.
    pub fn moves(&self) -> impl Iterator<Item = Heading> {
        self.trail[1..].iter().map(|stop| stop.heading)
    }

    /// Searches to the end, telling `tell` each step before it is taken.
    fn run(&mut self, mut tell: impl FnMut(&Self, Told)) {
        while !self.done() {
            let Some(heading) = self.due() else {
                let previous = self.previous();
                tell(self, Told::Retrace(previous));
                match previous {
                    Some(place) => self.retrace(place),
                    None => return,
                };
                continue;
            };
            let (check, next) = self.check(heading);
            tell(self, Told::Check(heading, check, next));
            self.consider(heading);
            if check == Check::Okay {
                self.enter(next.expect("an okay cell is on the grid"), heading);
            }
        }
    }
}

/// One step of a search.
enum Told {
    Check(Heading, Check, Option<Place>),
    Retrace(Option<Place>),
}

/// Moves and retraces of the whole search: what the paper calls the number of steps.
pub fn length(problem: &Problem) -> usize {
    let mut length = 0;
    Search::new(problem).run(|_, told| {
        length += usize::from(matches!(told, Told::Retrace(_) | Told::Check(_, Check::Okay, _)));
    });
    length
}

/// The walk that the search finds, empty if there is none.
pub fn walk(problem: &Problem) -> Vec<Heading> {
    let mut search = Search::new(problem);
    search.run(|_, _| {});
    if search.done() { search.moves().collect() } else { Vec::new() }
}

/// Writes the search down, and returns the walk it finds.
pub fn write(problem: &Problem, out: &mut Rationale) -> Vec<Heading> {
    let mut search = Search::new(problem);
    let terse = problem.wording.style == Style::Terse;
    out.text.reserve(1024);
    // How the searcher came to where it stands: over how many cells, back or on.
    let (mut headed, mut back) = (0, false);
    search.run(|search, told| {
        let place = search.place();
        let depth = search.trail.len();
        if !terse && headed != depth {
            let collected = !back && depth > 1 && search.base == depth - 1;
            out.step(if collected { Skill::Collect } else { Skill::NextCell }, |text| {
                text.push_str("At ");
                push_cell(text, place, false);
                if collected {
                    text.push_str(", collect ");
                    text.push_str(name(problem, place));
                }
                text.push_str(if back { " again:" } else { ":" });
            });
        }
        headed = depth;
        back = false;
        match told {
            Told::Retrace(previous) => {
                back = true;
                out.step(Skill::NextCell, |text| write_retrace(text, place, previous, terse));
            }
            Told::Check(heading, check, next) => {
                let found = check == Check::Okay
                    && next
                        .is_some_and(|next| problem.object(next).is_some() && next == search.plan.goals[search.stage]);
                let skill = match check {
                    Check::Okay if found && terse => Skill::Collect,
                    Check::Okay => Skill::Move,
                    _ => Skill::Avoid,
                };
                out.step(skill, |text| {
                    if terse {
                        push_cell(text, place, true);
                        text.push(' ');
                    }
                    text.push_str(heading.name());
                    text.push_str(if terse { " " } else { ": " });
                    if let (Some(next), false) = (next, check == Check::Outside) {
                        push_cell(text, next, terse);
                        text.push(' ');
                    }
                    text.push_str(match check {
                        Check::Outside => "outside",
                        Check::Visited => "visited",
                        Check::Closed => "closed",
                        Check::Future if terse => "later",
                        Check::Future => "future-collect",
                        Check::Okay => "okay",
                    });
                    if let Some(next) = next
                        && (matches!(check, Check::Closed | Check::Future) || (found && terse))
                    {
                        text.push_str(if terse { " " } else { " (" });
                        text.push_str(name(problem, next));
                        text.push_str(if terse { "" } else { ")" });
                    }
                });
            }
        }
    });
    if search.done() { search.moves().collect() } else { Vec::new() }
}

fn write_retrace(text: &mut String, place: Place, previous: Option<Place>, terse: bool) {
    if terse {
        push_cell(text, place, true);
        text.push_str(" retrace ");
    } else {
        text.push_str("Dead end, ");
        text.push_str(if previous.is_some() { "retrace 1 step to " } else { "nothing to retrace" });
    }
    match previous {
        Some(previous) => push_cell(text, previous, terse),
        None if terse => text.push_str("none"),
        None => {}
    }
}
