//! Judging the steps of a reply, line by line, in any of the task's rationale formats.
//!
//! A step is a whole line. A move line is right if it starts where the walker stands, its cell is
//! the one that the move leads to, that cell is on the grid and free, and what is said to be there is there;
//! a line that names nothing says that there is nothing to collect. After a wrong move the walker
//! stands on the cell that was claimed if it is free, else nowhere, and lines are unsupported until a
//! sound one says where it is.

use std::ops::Range;

use super::{
    Problem,
    bits::{Bits, Place},
    judge_dfs::Follower,
    lines::{Key, Line, Listed, Named, Said, take, take_own},
    shape::{Shape, shape},
};
use crate::{
    scan::lines,
    verdict::{Reason, Skill, Step},
};

/// Whether the ends were read correctly, where they are stated.
#[derive(Clone, Copy)]
pub struct Ends {
    /// The start.
    pub source: Option<bool>,
    /// The destination.
    pub destination: Option<bool>,
}

/// A line that tells the ends.
const ENDS: u8 = 1;
/// A list of the objects.
const OBJECTS: u8 = 2;
/// A list of the obstacles.
const OBSTACLES: u8 = 4;
/// A list of the cells that can be reached.
const REACHED: u8 = 8;
/// A move, or a step of a search.
const MOVES: u8 = 16;
/// What cannot be reached.
const LOST: u8 = 32;

/// Where a reply has got to.
#[derive(Clone)]
struct Judge<'a> {
    problem: &'a Problem,
    /// Where the walker stands; `None` after a move to nowhere.
    walker: Option<Place>,
    /// Objects not collected.
    left: u8,
    /// Kinds of lines that were told before.
    told: u8,
    ends: Ends,
    /// The depth-first search, once a line tells of one.
    search: Option<Follower<'a>>,
    /// The first and the last cell of the walk as told.
    walked: Option<(Option<Place>, Option<Place>)>,
    /// The places where the walker was, by objects left: a bit each.
    seen: Vec<u64>,
    /// Whether the line before said again what was said, or led back.
    again: bool,
    /// Whether a header stands alone so far.
    headed: bool,
}

/// Judges every step; `concluded` is the final answer's place and whether it is right.
pub fn judge(problem: &Problem, reply: &[u8], concluded: Option<(Range<usize>, bool)>, out: &mut Vec<Step>) -> Ends {
    let judge = Judge {
        problem,
        walker: Some(problem.start),
        left: problem.everything(),
        told: 0,
        ends: Ends { source: None, destination: None },
        search: None,
        walked: None,
        seen: Vec::new(),
        again: false,
        headed: false,
    };
    let mut reader = Reader { judge, firm: None };
    let mut concluded = concluded.map(|(span, right)| {
        let begin = memchr::memrchr(b'\n', &reply[..span.start]).map_or(0, |at| at + 1);
        (begin..span.end, right)
    });
    let mut answered = 0..0;
    for span in lines(reply) {
        if let Some((place, right)) = concluded.take_if(|(place, _)| place.start <= span.start) {
            let claim = trimmed(reply, place.clone());
            out.push(if right && reader.judge.arrived() {
                Step::ok(claim, Skill::Conclude)
            } else if right {
                Step::unsupported(claim, Skill::Conclude, Reason::Incomplete)
            } else {
                Step::wrong(claim, Skill::Conclude, Reason::WrongConclusion)
            });
            answered = place;
        }
        if span.start < answered.end {
            continue;
        }
        reader.line(reply, span, out);
    }
    let judge = &mut reader.judge;
    if let Some((first, last)) = judge.walked {
        judge.ends.source.get_or_insert(first == Some(problem.start));
        judge.ends.destination.get_or_insert(last == Some(problem.destination));
    }
    judge.ends
}

/// A range without white space at its ends.
fn trimmed(reply: &[u8], span: Range<usize>) -> Range<usize> {
    let text = &reply[span.clone()];
    let start = span.start + (text.len() - text.trim_ascii_start().len());
    start..(start + text.trim_ascii().len())
}

/// A judge, and what it knew before it was told something in other words.
struct Reader<'a> {
    judge: Judge<'a>,
    /// Before the first loose sentence since the last line of the rationale, and how many steps there were then.
    firm: Option<(Judge<'a>, usize)>,
}

impl<'a> Reader<'a> {
    /// Judges a line. One in the rationale's own form is held to what it says; what is said in other words earns a step
    /// if it is plain, true and due, and else is nothing; and it gives way to the rationale's own line that says the same.
    fn line(&mut self, reply: &[u8], span: Range<usize>, out: &mut Vec<Step>) {
        let text = &reply[span.clone()];
        let problem = self.judge.problem;
        if let Some(line) = take_own(text) {
            self.own(&line, trimmed(reply, span), out);
            return;
        }
        match shape(text) {
            Shape::Weighed => {}
            Shape::Own(own, opener) => {
                let claim = trimmed(reply, span.start + own.start..span.start + own.end);
                match take(problem, &text[own]) {
                    Some(line) if opener.fits(&line) => self.own(&line, trimmed(reply, span), out),
                    Some(line) => self.loose(&line, claim, false, out),
                    None => {}
                }
            }
            Shape::Behind(own, opener) => {
                let claim = trimmed(reply, span.start + own.start..span.start + own.end);
                if let Some(line) = take(problem, &text[own]) {
                    self.loose(&line, claim, opener.fits(&line), out);
                }
            }
            Shape::Loose => {
                if let Some(line) = take(problem, text) {
                    self.loose(&line, trimmed(reply, span), false, out);
                }
            }
        }
    }

    /// A line of the rationale's own.
    fn own(&mut self, line: &Line, claim: Range<usize>, out: &mut Vec<Step>) {
        if let Some((mut firm, count)) = self.firm.take() {
            // What was said in other words before may be what this line says.
            if let Some((skill, None)) = firm.line(line) {
                let repeated = firm.again;
                out.truncate(count);
                self.judge = firm;
                out.push(Step { repeated, ..Step::ok(claim, skill) });
                return;
            }
        }
        if let Some((skill, fault)) = self.judge.line(line) {
            let repeated = self.judge.again;
            out.push(Step { repeated, ..told(claim, skill, fault) });
        }
    }

    /// A line in other words, or behind talk: then what is false in itself is wrong.
    fn loose(&mut self, line: &Line, claim: Range<usize>, own: bool, out: &mut Vec<Step>) {
        if !own && !(line.heading.is_some() && line.target.is_some() && line.check.is_none() && line.listed.is_none()) {
            return;
        }
        let mut trial = self.judge.clone();
        match trial.line(line) {
            Some((skill, None)) => {
                let repeated = trial.again;
                let before = std::mem::replace(&mut self.judge, trial);
                self.firm.get_or_insert((before, out.len()));
                out.push(Step { repeated, ..Step::ok(claim, skill) });
            }
            Some((skill, Some(reason))) if own && is_false(reason) => {
                self.judge = trial;
                self.firm = None;
                out.push(Step::wrong(claim, skill, reason));
            }
            _ => {}
        }
    }
}

/// Whether a reason holds wherever the line stands.
fn is_false(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::WrongTarget | Reason::OffGrid | Reason::Obstacle | Reason::NoSuchName | Reason::WrongContents
    )
}

/// A step as it was found.
fn told(claim: Range<usize>, skill: Skill, fault: Option<Reason>) -> Step {
    match fault {
        None => Step::ok(claim, skill),
        Some(Reason::AfterError) => Step::unsupported(claim, skill, Reason::AfterError),
        Some(reason) => Step::wrong(claim, skill, reason),
    }
}

/// What a step does, and what is wrong with it.
pub type Finding = Option<(Skill, Option<Reason>)>;

impl<'a> Judge<'a> {
    fn line(&mut self, line: &Line) -> Finding {
        self.again = false;
        let header = (line.heading, line.check) == (None, None) && line.listed.is_none() && line.said.has(Said::AT);
        let finding = self.found(line);
        // A header is a step once; what comes between two makes the next one new.
        if finding.is_some() {
            self.again |= header && std::mem::replace(&mut self.headed, header);
            self.headed = header;
        }
        finding
    }

    /// Whether a walk that was told has arrived, if one was.
    fn arrived(&self) -> bool {
        let told = self.walked.is_some_and(|(_, last)| last.is_some()) && self.search.is_none();
        !told || self.walker.is_none_or(|walker| walker == self.problem.destination)
    }

    /// Notes a state of the walk, and whether it was there before.
    fn note(&mut self, place: Place) {
        if self.seen.is_empty() {
            self.seen = vec![0; 256];
            let start = self.problem.start;
            let everything = self.problem.everything();
            self.seen[start.index()] |= 1 << (everything & 63);
        }
        let bit = 1_u64 << (self.left & 63);
        self.again |= self.seen[place.index()] & bit != 0;
        self.seen[place.index()] |= bit;
    }

    fn found(&mut self, line: &Line) -> Finding {
        if let Some(listed) = line.listed {
            return self.listed(listed, line.said.has(Said::NOTHING));
        }
        match (line.heading, line.check) {
            (Some(_), None) => self.moved(line),
            (None, None) if line.target.is_none() && line.said.has(Said::AT) && line.origin.is_some() => {
                self.searched(line, line.origin, |follower, line| Some(follower.header(line)))
            }
            (None, None) => self.ends(line),
            (_, Some(Key::Retrace)) => self.searched(line, None, |follower, line| Some(follower.retrace(line))),
            (Some(heading), Some(Key::Okay)) if !line.said.has(Said::CROWDED) => {
                let finding = self.searched(line, line.origin, |follower, line| follower.check(line, heading));
                let to = line.target.and_then(|target| self.cell(target));
                if let Some((_, last)) = &mut self.walked {
                    *last = to;
                }
                finding
            }
            (Some(heading), Some(_)) if !line.said.has(Said::CROWDED) => {
                self.searched(line, line.origin, |follower, line| follower.check(line, heading))
            }
            (_, Some(_)) => None,
        }
    }

    fn cell(&self, named: Named) -> Option<Place> {
        match named {
            Named::Cell(place) if self.problem.holds(place) => Some(place),
            _ => None,
        }
    }

    /// A line of a depth-first trace; `told` is where it says that the searcher stands.
    fn searched(
        &mut self,
        line: &Line,
        told: Option<Named>,
        judge: impl FnOnce(&mut Follower<'a>, &Line) -> Finding,
    ) -> Finding {
        let finding = judge(self.search.get_or_insert_with(|| Follower::new(self.problem)), line)?;
        self.told |= MOVES;
        if self.walked.is_none()
            && let Some(told) = told
        {
            self.walked = Some((self.cell(told), None));
        }
        Some(finding)
    }

    /// `ca to bb`
    fn ends(&mut self, line: &Line) -> Finding {
        let (mut start, mut destination) = (line.origin?, line.target?);
        if line.said.has(Said::CROWDED)
            || !(line.said.has(Said::TO) || (line.said.has(Said::START) && line.said.has(Said::DESTINATION)))
        {
            return None;
        }
        if line.said.has(Said::SWAPPED) {
            std::mem::swap(&mut start, &mut destination);
        }
        let source = self.cell(start) == Some(self.problem.start);
        let destination = self.cell(destination) == Some(self.problem.destination);
        let due = self.told & (ENDS | MOVES) == 0;
        if self.told & ENDS == 0 {
            self.ends = Ends { source: Some(source), destination: Some(destination) };
            self.told |= ENDS;
        }
        self.again = source && destination && self.told & MOVES == 0 && !due;
        let fault = match (source && destination, due || self.again) {
            (true, true) => None,
            (true, false) => Some(Reason::OutOfOrder),
            (false, _) => Some(Reason::WrongCell),
        };
        Some((Skill::Locate, fault))
    }

    /// `collect heart ac`, `avoid aa`, `reach ca cb`, `lost heart ac`
    fn listed(&mut self, listed: Listed, nothing: bool) -> Finding {
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
                self.again = self.told & LOST != 0;
                self.told |= LOST;
                let fault = match (listed.wrong, listed.cells.and(reached).is_empty()) {
                    (true, _) => Some(Reason::WrongContents),
                    (false, false) => Some(Reason::WrongConclusion),
                    (false, true) => None,
                };
                return Some((Skill::Avoid, fault));
            }
            _ => (Skill::Read, objects(), OBJECTS),
        };
        self.again = listed.cells == whole && self.told & kind != 0 && self.told & MOVES == 0;
        let late = self.told & (kind | MOVES) != 0 && !self.again;
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

    /// `ca right cb`
    fn moved(&mut self, line: &Line) -> Finding {
        let (heading, target) = (line.heading?, line.target?);
        if line.said.has(Said::CROWDED) {
            return None;
        }
        let problem = self.problem;
        let origin = line.origin.map_or(self.walker, |origin| self.cell(origin));
        let claimed = self.cell(target);
        match &mut self.walked {
            Some((_, last)) => *last = claimed,
            None => self.walked = Some((origin, claimed)),
        }
        self.told |= MOVES;

        let next = origin.and_then(|origin| problem.step(origin, heading));
        let found = claimed.and_then(|place| problem.object(place)).filter(|at| self.left >> at & 1 == 1);
        let skill = if line.symbol.is_some() || line.said.has(Said::COLLECT) { Skill::Collect } else { Skill::Move };
        let intrinsic = if origin.is_none() {
            Some(if line.origin.is_some() { Reason::WrongOrigin } else { Reason::AfterError })
        } else if next.is_none() {
            Some(Reason::OffGrid)
        } else if claimed != next {
            Some(if claimed.is_none() { Reason::NoSuchName } else { Reason::WrongTarget })
        } else if next.is_some_and(|next| !problem.free.has(next)) {
            Some(Reason::Obstacle)
        } else {
            self.contents(line, next?, found)
        };
        let skill = match (claimed.and_then(|place| problem.object(place)), found) {
            (Some(_), None) if intrinsic.is_none() => Skill::Move, // collected before
            _ => skill,
        };
        let fault = match (self.walker, intrinsic) {
            (None, _) => Some(Reason::AfterError),
            (Some(walker), _) if origin != Some(walker) => Some(Reason::WrongOrigin),
            (Some(_), fault) => fault,
        };
        // Walk on from what was claimed; from nowhere only a line that is sound in itself leads back.
        let stood = origin.is_some_and(|origin| problem.free.has(origin));
        let sound = self.walker.is_some() || (intrinsic.is_none() && stood);
        self.walker = claimed.filter(|&place| sound && problem.free.has(place));
        if let Some(walker) = self.walker {
            if let Some(at) = found {
                self.left &= !(1 << at);
            }
            self.note(walker);
        }
        Some((skill, fault))
    }

    /// Whether what a move line says of its cell is true.
    fn contents(&self, line: &Line, place: Place, found: Option<u8>) -> Option<Reason> {
        let problem = self.problem;
        let held = problem.symbol(place).map(|symbol| symbol as u8);
        let true_of_it = match line.symbol {
            Some(symbol) => held == Some(symbol) && !line.said.has(Said::HEDGED),
            None => found.is_none() && !(line.said.has(Said::BLANK) && held.is_some()) && !line.said.has(Said::COLLECT),
        };
        let ends = (!line.said.has(Said::DESTINATION) || place == problem.destination)
            && (!line.said.has(Said::START) || place == problem.start);
        let blank =
            !line.said.has(Said::BLANK) || (held.is_none() && place != problem.start && place != problem.destination);
        if true_of_it && ends && blank { None } else { Some(Reason::WrongContents) }
    }
}
