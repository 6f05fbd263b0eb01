//! What a task is: two types, one of parameters and one of problems.

use std::any::Any;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    fingerprint::Fingerprint,
    rationale::Rationale,
    reply,
    rng::Rng,
    scene::Scene,
    verdict::{Answers, Outcome, Verdict},
};

/// One problem. Everything a model or a judge may see is a pure function of it.
pub trait Instance: Any + Send + Sync {
    /// What is asked; the same words whether the model sees the picture or the twin.
    fn question(&self, out: &mut String);
    /// The problem as text, for models that cannot see.
    fn twin(&self, out: &mut String);
    /// Worked steps from the problem to the answer: a complete correct reply.
    fn rationale(&self) -> Rationale;
    /// The canonical answer, bare.
    fn answer(&self, out: &mut String);
    /// The numbers that make it hard, by name.
    fn features(&self) -> Vec<(&'static str, f64)>;
    /// Which policies succeed without the skill: name, and the chance that each does, 0 to 1.
    fn shortcuts(&self) -> Vec<(&'static str, f64)>;
    /// What a policy may look an answer up by that sees everything but what must be seen, from the coarsest key to the
    /// finest. Problems that share a key look alike to it. Unless a task says more, it sees nothing.
    fn lookups(&self) -> Vec<Fingerprint> {
        vec![Fingerprint::default()]
    }
    /// The right answer as such a policy keeps it: in words that mean the same on every problem of the key.
    fn kept(&self, out: &mut String) {
        self.answer(out);
    }
    /// The chance that an answer kept from another problem of a key is right on this one, 0 to 1.
    fn recalled(&self, answer: &str) -> f64 {
        let reply = format!("Answer: {answer}");
        f64::from(u8::from(self.verify(reply.as_bytes()).outcome == Outcome::Correct))
    }
    /// The problem as a picture.
    fn scene(&self) -> Scene;
    /// Adds what makes the problem this problem, whatever words it is asked in.
    fn content(&self, hash: &mut Fingerprint);
    /// Changes one fact of what is seen, so that the right answer of before is wrong and another is right; question and
    /// size stay. What is changed is the same under every wording.
    fn change(&mut self, rng: &mut Rng);
    /// Judges words that hold no thoughts and no special tokens, in time linear in their length.
    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict;

    /// Judges a reply, in time linear in its length; every form of an answer counts.
    fn verify(&self, reply: &[u8]) -> Verdict {
        reply::judged(reply, Answers::Any, |words, answers| self.judge(words, answers))
    }
}

/// A difficulty: the fields are what `envs/<task>.toml` may set, the method is the generator.
pub trait Level: DeserializeOwned + Send + Sync + 'static {
    /// The task's name, in addresses and in file names.
    const TASK: &'static str;
    /// Its `envs/<task>.toml`.
    const LEVELS: &'static str;
    /// Parameters that change words or looks but not the problem; they do not enter the key of
    /// the random stream, so one problem can be had in several wordings.
    const WORDING: &'static [&'static str];
    /// One sentence about it, for people who choose among tasks.
    const ABOUT: &'static str;
    /// The feature, a whole number, that says how long a problem is.
    const LENGTH: &'static str;
    /// Names of the verdict's components, at most [`crate::verdict::COMPONENTS`].
    const COMPONENTS: &'static [&'static str];
    /// The component, 0 to 1, that is partial credit: how far on the way a wrong answer is.
    const PARTIAL: &'static str;
    /// The components that are above 0 where the answer itself did what is forbidden on the way.
    const FAULTS: &'static [&'static str] = &[];
    /// Whether the canonical answer is the only right one.
    const UNIQUE: bool = true;
    /// Height and width in pixels at which people look at its pictures.
    const PICTURE: [usize; 2] = [448, 448];
    /// What is walked on its boards, if it has boards; [`Self::largest`] says how large they are.
    const BOARD: Option<BoardKind> = None;
    /// The kind of problem it makes.
    type Instance: Instance;

    /// Whether problems can be made; if not, why, naming the value and the range allowed.
    fn check(&self) -> Result<(), String>;

    /// What is hardest to draw: the largest sheet with every name that its rows and columns may have, or the most
    /// panels with whatever may be in them. It is measured, never drawn.
    fn extreme(&self) -> Scene;

    /// The most rows and columns of its boards, where it has boards.
    fn largest(&self) -> (usize, usize) {
        (0, 0)
    }

    /// Draws one problem. It may consult nothing but `self` and `rng`, and ends for every level
    /// that passed `check`.
    fn generate(&self, rng: &mut Rng) -> Self::Instance;
}

/// A level whose task is known only at run time.
pub trait AnyLevel: Any + Send + Sync {
    /// As [`Level::extreme`].
    fn extreme(&self) -> Scene;
    /// The kind of its boards and their most rows and columns, if it has boards.
    fn board(&self) -> Option<(BoardKind, (usize, usize))>;
    /// As [`Level::generate`].
    fn generate(&self, rng: &mut Rng) -> Box<dyn Instance>;
}

impl<L: Level> AnyLevel for L {
    fn extreme(&self) -> Scene {
        Level::extreme(self)
    }

    fn board(&self) -> Option<(BoardKind, (usize, usize))> {
        L::BOARD.map(|kind| (kind, self.largest()))
    }

    fn generate(&self, rng: &mut Rng) -> Box<dyn Instance> {
        Box::new(Level::generate(self, rng))
    }
}

/// What somebody does on a board; `board` has a file for each kind, and says which problems it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardKind {
    /// Walks over a grid.
    Grid,
    /// Reads a table.
    Reading,
}

/// An inclusive range of sizes; in a file `[7, 12]` or `9`, in an address `7-12` or `9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Bounds {
    /// The least value.
    pub low: usize,
    /// The greatest value.
    pub high: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    One(usize),
    Two([usize; 2]),
}

impl From<Written> for Bounds {
    fn from(written: Written) -> Self {
        match written {
            Written::One(n) => Self { low: n, high: n },
            Written::Two([low, high]) => Self { low, high },
        }
    }
}

impl Bounds {
    /// A uniform draw.
    pub fn draw(self, rng: &mut Rng) -> usize {
        rng.between(self.low, self.high)
    }

    /// Whether `n` is within.
    pub fn contains(self, n: usize) -> bool {
        (self.low..=self.high).contains(&n)
    }

    /// Complains unless `least <= low <= high <= most`.
    pub fn check(self, key: &str, least: usize, most: usize) -> Result<(), String> {
        let Self { low, high } = self;
        if least <= low && low <= high && high <= most {
            Ok(())
        } else {
            Err(format!("{key}={low}-{high} is out of range; give a-b with {least} <= a <= b <= {most}"))
        }
    }
}

/// Complains unless `p` is a probability.
pub fn check_probability(key: &str, p: f64) -> Result<(), String> {
    if (0.0..=1.0).contains(&p) { Ok(()) } else { Err(format!("{key}={p} is out of range; give 0 to 1")) }
}

/// How a rationale is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Sentences.
    Full,
    /// One short line a step; the question is short as well.
    Terse,
}
