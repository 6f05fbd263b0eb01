//! What happened in a reply: facts, not points.

use std::ops::Range;

/// How the final answer fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Outcome {
    /// No answer was found, or none that can be read.
    #[default]
    Unparsed = 0,
    /// Several answer forms say different things.
    Ambiguous = 1,
    /// An answer was read, and it is wrong.
    Wrong = 2,
    /// An answer was read, and it is right.
    Correct = 3,
}

/// Names of [`Outcome`], by code.
pub const OUTCOMES: [&str; 4] = ["unparsed", "ambiguous", "wrong", "correct"];

/// How the final answer was marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// After the last `Answer:`.
    Line = 0,
    /// Inside `<answer>…</answer>`.
    Tag = 1,
    /// Inside a `\boxed{…}`.
    Boxed = 2,
    /// In a marked place, but spelled as nobody asked for: letters run together, `up x3`, a note after it.
    Loose = 3,
    /// In a sentence, `The answer is 3.`.
    Sentence = 4,
    /// Under a heading.
    Heading = 5,
    /// In JSON, under `answer`.
    Json = 6,
    /// The reply is the answer and nothing else.
    Bare = 7,
}

/// Names of [`Form`], by code.
pub const FORMS: [&str; 8] = ["line", "tag", "boxed", "loose", "sentence", "heading", "json", "bare"];

impl Form {
    /// Whether it is one of the forms that the documentation asks for; the others are weaker.
    pub fn is_marked(self) -> bool {
        matches!(self, Self::Line | Self::Tag | Self::Boxed)
    }
}

/// Which answers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Marked ones, and weaker forms where no marked one is.
    Any,
    /// Marked ones alone.
    Marked,
    /// None: what is judged commits to nothing, as a thought does.
    None,
}

macro_rules! named {
    ($(#[$meta:meta])* $kind:ident, $names:ident: $($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $kind { $($(#[$doc])* $variant,)+ }

        #[doc = concat!("Names of [`", stringify!($kind), "`], by code.")]
        pub const $names: &[&str] = &[$($name),+];

        impl $kind {
            /// The name that users see.
            pub fn name(self) -> &'static str {
                $names[self as usize]
            }
        }
    };
}

named! {
    /// What a rationale step does.
    Skill, SKILLS:
    /// Finds a place: a start, an end, a header.
    Locate = "locate",
    /// Reads what a place holds.
    Read = "read",
    /// Finds the next place of a path.
    NextCell = "next_cell",
    /// Moves there.
    Move = "move",
    /// Sees that a way is barred.
    Avoid = "avoid",
    /// Picks an object up.
    Collect = "collect",
    /// Compares two things.
    Compare = "compare",
    /// Finds the rule that examples share.
    InferRule = "infer_rule",
    /// Applies a rule.
    ApplyRule = "apply_rule",
    /// Draws the conclusion.
    Conclude = "conclude",
    /// Writes the picture down as text.
    Transcribe = "transcribe",
}

named! {
    /// How a step fared.
    State, STATES:
    /// True, and due at this point.
    Ok = "ok",
    /// False, or not due at this point.
    Wrong = "wrong",
    /// Cannot be judged: it rests on an earlier error or on something that does not exist.
    Unsupported = "unsupported",
}

named! {
    /// Why a step is not `Ok`; `None` where it is.
    Reason, REASONS:
    /// Nothing to object to.
    None = "",
    /// True of the problem, but another step is due here.
    OutOfOrder = "out_of_order",
    /// Comes after the rationale is complete.
    Extra = "extra",
    /// The rationale ends before this point.
    Incomplete = "incomplete",
    /// Names a cell that is not the one due.
    WrongCell = "wrong_cell",
    /// The names do not belong to the stated row or column numbers.
    WrongName = "wrong_name",
    /// No row, column, panel or option has this name.
    NoSuchName = "no_such_name",
    /// States a value that is not there.
    WrongValue = "wrong_value",
    /// States contents that are not there.
    WrongContents = "wrong_contents",
    /// The move does not lead to the cell it names.
    WrongTarget = "wrong_target",
    /// The move does not start where the walker stands.
    WrongOrigin = "wrong_origin",
    /// Leaves the grid.
    OffGrid = "off_grid",
    /// Enters an obstacle.
    Obstacle = "obstacle",
    /// A check of a direction comes to the wrong verdict.
    WrongCheck = "wrong_check",
    /// Goes back although a way is open, or to a cell that is not the previous one.
    WrongRetrace = "wrong_retrace",
    /// Names a relation that does not hold, or denies one that does.
    WrongRelation = "wrong_relation",
    /// Names a domain in which the relation does not hold.
    WrongDomain = "wrong_domain",
    /// The conclusion does not follow.
    WrongConclusion = "wrong_conclusion",
    /// Rests on an earlier error.
    AfterError = "after_error",
}

/// A step found in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// First byte of the claim in the reply.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// What the step does.
    pub skill: Skill,
    /// How it fared.
    pub state: State,
    /// Why, if not `Ok`.
    pub reason: Reason,
    /// Whether it stands in a thought.
    pub thought: bool,
    /// Whether it says again what an earlier step said, or leads back to a state that was there before.
    pub repeated: bool,
}

impl Step {
    /// A step that is right.
    pub fn ok(span: Range<usize>, skill: Skill) -> Self {
        Self {
            start: span.start as u32,
            end: span.end as u32,
            skill,
            state: State::Ok,
            reason: Reason::None,
            thought: false,
            repeated: false,
        }
    }

    /// A step that is wrong.
    pub fn wrong(span: Range<usize>, skill: Skill, reason: Reason) -> Self {
        Self { state: State::Wrong, reason, ..Self::ok(span, skill) }
    }

    /// A step that cannot be judged.
    pub fn unsupported(span: Range<usize>, skill: Skill, reason: Reason) -> Self {
        Self { state: State::Unsupported, reason, ..Self::ok(span, skill) }
    }
}

/// How many components a verdict has room for.
pub const COMPONENTS: usize = 8;

/// All that is known of a reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// How the final answer fared.
    pub outcome: Outcome,
    /// How it was marked, if one was found.
    pub form: Option<Form>,
    /// What was answered, where one answer could be read: of replies to one problem, the same number exactly where the
    /// answers are taken for the same.
    pub answer: Option<u64>,
    /// Task-specific facts, in the order of the task's `COMPONENTS`; NaN where one does not apply.
    pub components: [f32; COMPONENTS],
    /// The steps found, in the order of the reply.
    pub steps: Vec<Step>,
}

impl Default for Verdict {
    fn default() -> Self {
        Self {
            outcome: Outcome::default(),
            form: None,
            answer: None,
            components: [f32::NAN; COMPONENTS],
            steps: Vec::new(),
        }
    }
}

impl Verdict {
    /// The index of the first wrong step that is no thought.
    pub fn first_error(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.state == State::Wrong && !step.thought)
    }
}
