//! Judging the steps of a reply, line by line, in any of the task's rationale formats.
//!
//! A step is a line, or a part of one that holds several. One in a documented shape (`shapes`) is held to what it says; any other
//! earns the move that it plainly says (`loose`) or nothing. What such sentences say moves a second walker only, whom a
//! documented line may follow, so none makes a line wrong that is right without it. A move line is right if it starts where the walker stands, its cell is
//! the one that the move leads to, that cell is on the grid and free, and what is said to be there is there;
//! a line that names nothing says that there is nothing to collect. After a wrong move the walker
//! stands on the cell that was claimed if it is free, else nowhere, and lines are unsupported until a
//! sound one says where it is.

mod facts;
mod state;

use std::ops::Range;

use super::{
    problem::Problem,
    bits::{Bits, Place},
    judge_dfs::Follower,
    lines::{Finding, Key, Line, Named, Said},
    own::own,
    loose::told,
    shapes::shaped,
    terms::{Kind, Term, terms},
};
use facts::is_errand;
pub use state::Ends;
use state::{Judge, LEAPS, MOVES, SEARCHES, WALKS};

use crate::{
    scan::lines,
    verdict::{Reason, Skill, State, Step},
};

/// Judges every step; `concluded` is the final answer's place and whether it is right.
pub fn judge(problem: &Problem, reply: &[u8], concluded: Option<(Range<usize>, bool)>, out: &mut Vec<Step>) -> Ends {
    let mut judge = Judge {
        problem,
        walker: Some(problem.start),
        left: problem.everything(),
        ahead: None,
        been: vec![Bits::default(); usize::from(problem.everything()) + 1],
        repeated: false,
        talk: false,
        heard: None,
        turns: 0,
        doubted: Vec::new(),
        told: 0,
        ends: Ends { source: None, destination: None },
        search: None,
        walked: None,
    };
    let mut concluded = concluded.map(|(span, right)| {
        let begin = memchr::memrchr(b'\n', &reply[..span.start]).map_or(0, |at| at + 1);
        (begin..span.end, right)
    });
    judge.been[usize::from(judge.left)].insert(problem.start);
    let mut answered = 0..0;
    let (mut words, mut shapes) = (Vec::new(), Vec::new());
    for span in lines(reply) {
        if let Some((place, right)) = concluded.take_if(|(place, _)| place.start <= span.start) {
            let claim = trimmed(reply, place.clone());
            out.push(if right && judge.stops_short() && out.iter().all(|step| step.state == State::Ok) {
                Step::unsupported(claim, Skill::Conclude, Reason::Incomplete)
            } else if right {
                Step::ok(claim, Skill::Conclude)
            } else {
                Step::wrong(claim, Skill::Conclude, Reason::WrongConclusion)
            });
            answered = place;
        }
        if span.start < answered.end {
            continue;
        }
        let text = &reply[span.clone()];
        judge.repeated = false;
        if let Some(line) = own(problem, text) {
            let finding = judge.line(&line, is_errand(text, &line), false);
            out.extend(judge.step(finding, trimmed(reply, span)));
            continue;
        }
        if terms(text, &mut words).is_none() {
            continue;
        }
        let talk = &words[..shaped(problem, text, &words, &mut shapes)];
        if shapes.is_empty() {
            judge.hear(&words);
            let finding = judge.sentence(text, &words);
            out.extend(judge.step(finding, trimmed(reply, span)));
            continue;
        }
        judge.lead(text, talk);
        let mut start = span.start;
        while let Some(shape) = shapes.pop() {
            judge.repeated = false;
            let end = span.start + shape.span.end;
            if shape.toned {
                judge.doubt(&shape.line);
                continue;
            }
            let finding = judge.line(&shape.line, shape.prefaced || is_errand(text, &shape.line), shape.casual);
            out.extend(judge.step(finding, trimmed(reply, start..end)));
            start = end;
        }
    }
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

impl<'a> Judge<'a> {
    /// Whether all that was told of the way are documented lines, and they do not lead to the end.
    fn stops_short(&self) -> bool {
        if self.told & MOVES == 0 || self.told & LEAPS != 0 || self.talk || self.problem.shortest.is_none() {
            return false;
        }
        match &self.search {
            Some(search) if self.told & WALKS == 0 => !search.is_done(),
            _ => {
                let ends = |place: Place, left: u8| place == self.problem.destination && left == 0;
                self.walker.is_some_and(|place| !ends(place, self.left))
                    && !self.ahead.is_some_and(|(place, left)| ends(place, left))
            }
        }
    }

    /// A sentence in no documented shape.
    fn sentence(&mut self, text: &[u8], words: &[Term<'_>]) -> Finding {
        if self.told & SEARCHES != 0 {
            return None;
        }
        let (place, left) = self.ahead.or_else(|| self.walker.map(|place| (place, self.left)))?;
        let told = told(self.problem, text, words, place, left)?;
        let left = told.found.map_or(left, |at| left & !(1 << at));
        self.ahead = Some((told.next, left));
        self.repeated = self.visit(told.next, left);
        match &mut self.walked {
            Some((_, last)) => *last = Some(told.next),
            None => self.walked = Some((Some(place), Some(told.next))),
        }
        Some((if told.named { Skill::Collect } else { Skill::Move }, None))
    }

    /// Talk may have led on.
    fn hear(&mut self, words: &[Term<'_>]) {
        self.talk |= words.iter().any(Term::tells_of_a_way);
        for word in words.iter().filter(|word| word.tells_of_a_way()) {
            if let Kind::Arrow(heading) | Kind::Key(Key::Heading(heading)) = word.kind {
                self.turns |= 1 << heading as u8;
            }
            let said = self.heard.map_or(0, |(_, said)| said) + 1;
            let place = word.cell().and_then(|cell| self.cell(cell)).or_else(|| self.heard.map(|(place, _)| place));
            self.heard = place.or(self.walker).map(|place| (place, said));
        }
    }

    /// A line of ours that is denied or hedged is no step, and yet what follows may rest on it.
    fn doubt(&mut self, line: &Line) {
        if line.check.is_some() || line.heading.is_none() {
            let searches = line.check.is_some() || (line.target.is_none() && line.listed.is_none());
            if searches && self.told & WALKS == 0 && self.doubted.len() < 16 {
                self.doubted.push(*line);
            }
        } else if let (Some(heading), Some(target)) = (line.heading, line.target)
            && let Some((place, left)) = self.ahead.or_else(|| self.walker.map(|place| (place, self.left)))
            && let Some(next) = self.problem.step(place, heading).filter(|&next| self.problem.free.has(next))
            && self.cell(target) == Some(next)
            && line.origin.is_none_or(|origin| self.cell(origin) == Some(place))
        {
            let found = self.problem.object(next);
            self.ahead = Some((next, found.map_or(left, |at| left & !(1 << at))));
        }
    }

    /// What stands before a documented line may say the move before it.
    fn lead(&mut self, text: &[u8], words: &[Term<'_>]) {
        if let Some((place, left)) = self.ahead.or_else(|| self.walker.map(|place| (place, self.left)))
            && self.told & SEARCHES == 0
            && words.iter().any(|term| term.cell().is_some())
            && let Some(told) = told(self.problem, text, words, place, left)
        {
            self.ahead = Some((told.next, told.found.map_or(left, |at| left & !(1 << at))));
        }
    }

    /// A finding as a step.
    fn step(&self, finding: Finding, claim: Range<usize>) -> Option<Step> {
        let (skill, fault) = finding?;
        let step = match fault {
            None => Step::ok(claim, skill),
            Some(Reason::AfterError) => Step::unsupported(claim, skill, Reason::AfterError),
            Some(reason) => Step::wrong(claim, skill, reason),
        };
        Some(Step { repeated: self.repeated, ..step })
    }

    /// Notes where the walker is; whether it was there before with as much left to collect.
    fn visit(&mut self, place: Place, left: u8) -> bool {
        let been = &mut self.been[usize::from(left)];
        let again = been.has(place);
        been.insert(place);
        again
    }

    /// A documented line; `casual` is that of [`Shaped`](super::shapes::Shaped).
    fn line(&mut self, line: &Line, prefaced: bool, casual: bool) -> Finding {
        if let Some(listed) = line.listed {
            return self.listed(listed, line.said.has(Said::NOTHING), prefaced);
        }
        let header = line.heading.is_none()
            && line.check.is_none()
            && line.target.is_none()
            && line.said.has(Said::AT)
            && line.origin.is_some();
        if self.told & WALKS != 0 && (header || line.check.is_some()) {
            return self.beside(line);
        }
        match (line.heading, line.check) {
            (Some(_), None) => self.moved(line, casual),
            (None, None) if header => self.header(line),
            (None, None) => self.ends(line, prefaced),
            (_, Some(Key::Retrace)) => {
                self.told |= SEARCHES;
                self.searched(line, None, |follower, line| Some(follower.retrace(line)))
            }
            (Some(heading), Some(check)) => {
                if casual && !self.search.as_ref().is_some_and(|search| search.is_next(line)) {
                    return None;
                }
                self.told |= SEARCHES;
                let finding = self.searched(line, line.origin, |follower, line| follower.check(line, heading));
                if check == Key::Okay {
                    let to = line.target.and_then(|target| self.cell(target));
                    if let Some((_, last)) = &mut self.walked {
                        *last = to;
                    }
                }
                finding
            }
            (_, Some(_)) => None,
        }
    }

    /// A line of a search beside a walk that is told move by move: what it says of single cells is talk, but a move.
    fn beside(&mut self, line: &Line) -> Finding {
        match line.check {
            Some(Key::Okay) if line.target.is_some() && line.heading.is_some() => self.moved(line, true),
            _ => None,
        }
    }

    /// `At (c, a):` — as long as no check is told, a walk may be told so as well.
    fn header(&mut self, line: &Line) -> Finding {
        let stated = line.origin.and_then(|origin| self.cell(origin));
        if self.told & SEARCHES == 0
 && self.doubted.is_empty() && (self.search.is_some() || self.ahead.is_some() || self.talk) {
            let due = self.search.as_ref().map_or(self.problem.start, Follower::place);
            if stated != Some(due) || self.ahead.is_some() {
                return None;
            }
        }
        let finding = self.searched(line, line.origin, |follower, line| Some(follower.header(line)));
        self.repeated = self.search.as_mut().is_some_and(Follower::is_header_again);
        finding
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
        let search = self.search.get_or_insert_with(|| Follower::new(self.problem));
        for doubted in self.doubted.drain(..) {
            if !search.is_next(line) && search.is_next(&doubted) && search.is_true(&doubted) {
                search.take(&doubted);
            }
        }
        if !search.is_next(line) {
            search.catch_up(line, self.heard, self.turns);
        }
        (self.heard, self.turns) = (None, 0);
        let finding = judge(search, line)?;
        self.told |= MOVES;
        self.talk = false;
        if self.walked.is_none()
            && let Some(told) = told
        {
            self.walked = Some((self.cell(told), None));
        }
        Some(finding)
    }

    /// `ca right cb`
    fn moved(&mut self, line: &Line, casual: bool) -> Finding {
        let (heading, target) = (line.heading?, line.target?);
        let problem = self.problem;
        // Sentences may have led on: a line that goes on from there is as right as one that does not.
        let led = self.ahead.filter(|&(place, _)| {
            line.origin.map_or(Some(place), |origin| self.cell(origin)) == Some(place) && self.walker != Some(place)
        });
        let leapt = self.heard.filter(|&(place, said)| {
            led.is_none()
                && line.origin.is_some_and(|origin| self.cell(origin) == Some(place))
                && self.walker.is_some_and(|walker| walker != place && walker.manhattan(place) <= said)
        });
        let led = led.or(leapt.map(|(place, _)| (place, self.left)));
        let (walker, left) = led.map_or((self.walker, self.left), |(place, left)| (Some(place), left));
        let origin = line.origin.map_or(walker, |origin| self.cell(origin));
        let claimed = self.cell(target);
        let next = origin.and_then(|origin| problem.step(origin, heading));
        let found = claimed.and_then(|place| problem.object(place)).filter(|at| left >> at & 1 == 1);
        let skill = if line.symbol.is_some() || line.said.has(Said::COLLECT) { Skill::Collect } else { Skill::Move };
        let intrinsic = if origin.is_none() {
            Some(if line.origin.is_some() { Reason::WrongOrigin } else { Reason::AfterError })
        } else if next.is_none() {
            Some(Reason::OffGrid)
        } else if claimed != next {
            Some(if claimed.is_none() { Reason::NoSuchName } else { Reason::WrongTarget })
        } else if next.is_some_and(|next| !problem.free.has(next)) {
            Some(Reason::Obstacle)
        } else if casual && line.is_silent() {
            None
        } else {
            self.contents(line, next?, found)
        };
        let skill = match (claimed.and_then(|place| problem.object(place)), found) {
            (Some(_), None) if intrinsic.is_none() => Skill::Move, // collected before
            _ => skill,
        };
        let fault = match (walker, intrinsic) {
            (None, _) => Some(Reason::AfterError),
            // A true sentence about another place.
            (Some(walker), None | Some(Reason::WrongContents)) if casual && origin != Some(walker) => return None,
            (Some(walker), _) if origin != Some(walker) => Some(Reason::WrongOrigin),
            (Some(_), fault) => fault,
        };
        (self.talk, self.heard) = (false, None);
        if leapt.is_some() {
            self.told |= LEAPS;
        }
        match &mut self.walked {
            Some((_, last)) => *last = claimed,
            None => self.walked = Some((origin, claimed)),
        }
        if casual && fault.is_none() {
            let place = claimed?;
            let left = found.map_or(left, |at| left & !(1 << at));
            self.ahead = Some((place, left));
            self.repeated = self.visit(place, left);
            return Some((skill, None));
        }
        self.told |= MOVES;
        if self.told & SEARCHES == 0 {
            self.told |= WALKS;
        }
        (self.walker, self.left, self.ahead) = (walker, left, None);
        // Walk on from what was claimed; from nowhere only a line that is sound in itself leads back.
        let stood = origin.is_some_and(|origin| problem.free.has(origin));
        let sound = self.walker.is_some() || (intrinsic.is_none() && stood);
        self.walker = claimed.filter(|&place| sound && problem.free.has(place));
        if self.walker.is_some()
            && let Some(at) = found
        {
            self.left &= !(1 << at);
        }
        if let Some(place) = self.walker {
            self.repeated = self.visit(place, self.left);
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
