//! Tally: add the highlighted digits of a row. It is registered by a test alone, as CONTRIBUTING says.

use serde::Deserialize;

use crate::{
    fingerprint::Fingerprint,
    rationale::{Rationale, push_number},
    reply::{Given, Part, Read, Spelling, Taken, given, items},
    rng::Rng,
    scan::lines,
    scene::{Cell, Fill, Kind, Label, Mark, Scene, Sheet},
    task::{Bounds, Instance, Level, Style},
    verdict::{Answers, Outcome, Reason, Skill, State, Step, Verdict},
};

const LETTERS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// Difficulty of a tally.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    cells: Bounds,
    marked: Bounds,
    style: Style,
}

/// A row of digits, some of them highlighted.
pub struct Row {
    digits: Vec<u8>,
    marked: Vec<bool>,
    style: Style,
}

impl Level for Tally {
    const TASK: &'static str = "tally";
    const LEVELS: &'static str = include_str!("../../../envs/tally.toml");
    const WORDING: &'static [&'static str] = &["style"];
    const ABOUT: &'static str = "Add the highlighted digits of a row.";
    const LENGTH: &'static str = "marked";
    const COMPONENTS: &'static [&'static str] = &["near"];
    const PARTIAL: &'static str = "near";
    type Instance = Row;

    fn check(&self) -> Result<(), String> {
        self.cells.check("cells", 1, LETTERS.len())?;
        self.marked.check("marked", 1, self.cells.low)
    }

    fn extreme(&self) -> Scene {
        let cells = self.cells.high;
        Row { digits: vec![8; cells], marked: vec![true; cells], style: self.style }.scene()
    }

    fn generate(&self, rng: &mut Rng) -> Row {
        let digits: Vec<u8> = (0..self.cells.draw(rng)).map(|_| rng.below(10) as u8).collect();
        let mut places: Vec<usize> = (0..digits.len()).collect();
        let count = self.marked.draw(rng);
        rng.choose(&mut places, count);
        let marked = (0..digits.len()).map(|at| places[..count].contains(&at)).collect();
        Row { digits, marked, style: self.style }
    }
}

impl Row {
    /// Of each highlighted cell its place, its digit and the sum up to it.
    fn sums(&self) -> Vec<[usize; 3]> {
        let marked = (0..self.digits.len()).filter(|&at| self.marked[at]);
        let sum = |sum: &mut usize, at: usize| {
            *sum += usize::from(self.digits[at]);
            Some([at, usize::from(self.digits[at]), *sum])
        };
        marked.scan(0, sum).collect()
    }

    fn total(&self) -> usize {
        self.sums().last().map_or(0, |[_, _, sum]| *sum)
    }
}

impl Instance for Row {
    fn question(&self, out: &mut String) {
        out.push_str(match self.style {
            Style::Full => "Add the highlighted digits, from left to right. Finish with 'Answer: ' and the sum.",
            Style::Terse => "Sum of the highlighted digits?",
        });
    }

    fn twin(&self, out: &mut String) {
        for (at, digit) in self.digits.iter().enumerate() {
            out.push_str(if at == 0 { "|" } else { " |" });
            out.push_str(if self.marked[at] { " *" } else { " " });
            push_number(out, usize::from(*digit));
        }
    }

    fn rationale(&self) -> Rationale {
        let mut out = Rationale::default();
        for [at, digit, sum] in self.sums() {
            let words = match self.style {
                Style::Full => ["Cell ", " holds ", "; the sum is "],
                Style::Terse => ["", " ", " "],
            };
            out.step(Skill::Read, |text| {
                text.push_str(words[0]);
                text.push_str(LETTERS[at]);
                for (word, number) in words[1..].iter().zip([digit, sum]) {
                    text.push_str(word);
                    push_number(text, number);
                }
            });
        }
        out.step(Skill::Conclude, |text| {
            text.push_str("Answer: ");
            push_number(text, self.total());
        });
        out
    }

    fn answer(&self, out: &mut String) {
        push_number(out, self.total());
    }

    fn features(&self) -> Vec<(&'static str, f64)> {
        vec![("cells", self.digits.len() as f64), ("marked", self.sums().len() as f64)]
    }

    fn shortcuts(&self) -> Vec<(&'static str, f64)> {
        let all: usize = self.digits.iter().map(|digit| usize::from(*digit)).sum();
        vec![("everything", f64::from(u8::from(all == self.total())))]
    }

    fn scene(&self) -> Scene {
        let cell = |at: usize| Cell {
            mark: Mark::Digit(self.digits[at]),
            fill: if self.marked[at] { Fill::Path } else { Fill::Plain },
        };
        Scene::Sheet(Sheet {
            kind: Kind::Table,
            rows: 1,
            columns: self.digits.len(),
            cells: (0..self.digits.len()).map(cell).collect(),
            row_labels: vec![Label::Borrowed("row")],
            column_labels: LETTERS[..self.digits.len()].iter().map(|letter| Label::Borrowed(*letter)).collect(),
            reader: None,
        })
    }

    fn content(&self, hash: &mut Fingerprint) {
        hash.number(self.digits.len());
        hash.bytes(&self.digits);
        self.marked.iter().for_each(|marked| hash.bytes(&[u8::from(*marked)]));
    }

    fn change(&mut self, rng: &mut Rng) {
        let marked: Vec<usize> = (0..self.digits.len()).filter(|&at| self.marked[at]).collect();
        let digit = &mut self.digits[*rng.pick(&marked)];
        *digit = (*digit + rng.between(1, 9) as u8) % 10;
    }

    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict {
        let mut verdict = Verdict::default();
        let sums = self.sums();
        let mut due = 0;
        for span in lines(reply) {
            let Some(claim) = claim(&reply[span.clone()]) else { continue };
            let mut step = Step::ok(span, Skill::Read);
            if sums.get(due) == Some(&claim) {
                due += 1;
            } else if sums[..due].contains(&claim) {
                step.repeated = true;
            } else {
                (step.state, step.reason) = (State::Wrong, Reason::WrongValue);
            }
            verdict.steps.push(step);
        }
        match given(reply, answers, sum) {
            Given::Nothing => {}
            Given::Ambiguous => verdict.outcome = Outcome::Ambiguous,
            Given::Answer(value, form, span) => {
                let right = value == self.total() as u64;
                verdict.outcome = if right { Outcome::Correct } else { Outcome::Wrong };
                verdict.form = Some(form);
                let off = value.abs_diff(self.total() as u64) as f32;
                verdict.components[0] = (1.0 - off / (9.0 * sums.len() as f32)).max(0.0);
                let begin = memchr::memrchr(b'\n', &reply[..span.start]).map_or(0, |at| at + 1);
                let claim = begin..begin + reply[begin..span.end].trim_ascii_end().len();
                let step = if right {
                    Step::ok(claim, Skill::Conclude)
                } else {
                    Step::wrong(claim, Skill::Conclude, Reason::WrongConclusion)
                };
                let place = verdict.steps.partition_point(|other| other.start < step.start);
                verdict.steps.insert(place, step);
            }
        }
        verdict
    }
}

/// Reads `c 4 11`, or `Cell c holds 4; the sum is 11`.
fn claim(line: &[u8]) -> Option<[usize; 3]> {
    let text = std::str::from_utf8(line).ok()?;
    let text = match text.strip_prefix("Cell ") {
        Some(full) => full.replacen(" holds ", " ", 1).replacen("; the sum is ", " ", 1),
        None => text.to_owned(),
    };
    let mut words = text.split(' ');
    let letter = words.next()?;
    let at = LETTERS.iter().position(|own| *own == letter)?;
    let mut number = || words.next()?.parse::<usize>().ok();
    let claim = [at, number()?, number()?];
    words.next().is_none().then_some(claim)
}

/// Reads a sum.
fn sum(text: &[u8], _: Spelling) -> Option<Read<u64>> {
    let mut found = None;
    let count = items(text, |part| match part {
        Part::Number(number) => {
            found = Some(number);
            Taken::Item
        }
        _ => Taken::Foreign,
    })?;
    found.filter(|_| count == 1).map(|value| Read { value, items: 2, part: false })
}
