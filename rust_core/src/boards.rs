//! Many boards that step together, each through samples of its own, into the caller's memory.

use rayon::prelude::*;

use crate::{
    Error, Result,
    address::{self, Address},
    batch::{self, with_renderer},
    board::{Board, BoardLevel, Kind, Refusal, Turn, Weights},
    held_out::{HeldOut, SPAN},
    render::{Renderer, Theme},
    rng::Stream,
    scene::Sheet,
};

/// How many numbers tell what is known of a board after a reset or a step: index of the sample, actions of the
/// shortest way on (-1 for none), what is left to collect or read, whether the last action was refused for its
/// kind's own reason, or because it leaves the board, and the actions that may be right next as bits.
/// [`Boards::facts`] names them.
pub const FACTS: usize = 6;

/// Symbolic boards up to this many are stepped on the calling thread: waking others takes longer.
pub const FEW: usize = 8192;

/// The most boards that step together.
pub const MOST: usize = 1 << 20;

/// When a board whose walk is over begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Autoreset {
    /// With the step after, whatever its action.
    NextStep,
    /// With the same step, which keeps the last observation apart.
    SameStep,
    /// When the caller says so.
    Disabled,
}

/// What observations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// One byte a cell; `board` says which.
    Symbols,
    /// A picture: height, width, theme.
    Picture(usize, usize, Theme),
}

/// Where a step writes; each slice has one part a board, in order.
pub struct Outcome<'a> {
    /// What is seen after the step. Between calls it must stay as it was written.
    pub observations: &'a mut [u8],
    /// What was seen last of the walks that ended; written for [`Autoreset::SameStep`] alone.
    pub finals: &'a mut [u8],
    /// Turns by their [`Weights`].
    pub rewards: &'a mut [f64],
    /// Whose walk succeeded, or cannot any more.
    pub terminated: &'a mut [bool],
    /// Whose actions are used up.
    pub truncated: &'a mut [bool],
    /// [`FACTS`] numbers each, after the step.
    pub facts: &'a mut [i64],
    /// The same before a reset by the same step, else alike.
    pub final_facts: &'a mut [i64],
}

/// Boards side by side.
#[derive(Clone)]
pub struct Boards {
    kind: Kind,
    rows: usize,
    columns: usize,
    limit: Option<u32>,
    cap: Option<u32>,
    look: Look,
    weights: Weights,
    held_out: Option<HeldOut>,
    seats: Vec<Seat>,
}

/// One board and its way through the samples.
#[derive(Clone)]
struct Seat {
    address: Address,
    /// The index that the address stands at; the address has another if that one's content is held out.
    index: u64,
    next: u64,
    stride: u64,
    /// Where it was placed since its last reset.
    onto: Option<Box<Placed>>,
    moves: u32,
    over: bool,
    walk: Option<Walk>,
}

/// Where a board goes with its next reset.
#[derive(Clone)]
struct Placed {
    address: Address,
    /// The index of the sample that stands there where contents are held out.
    found: Option<u64>,
}

#[derive(Clone)]
struct Walk {
    board: Board,
    /// Kept for pictures only.
    sheet: Option<Sheet>,
}

impl Boards {
    /// `count` boards that observations of the sizes of `setting` hold. A walk is cut short after
    /// `limit` actions, without one after those of [`Board::patience`].
    pub fn new(
        setting: &str,
        count: usize,
        limit: Option<u32>,
        look: Look,
        weights: Weights,
        held_out: Option<HeldOut>,
    ) -> Result<Self> {
        if !(1..=MOST).contains(&count) {
            return Err(Error::Board { why: format!("{count} boards are out of range; give 1 to {MOST}") });
        }
        if limit == Some(0) {
            return Err(Error::Board { why: "max_moves=0 is out of range; give 1 or more".to_owned() });
        }
        let setting = address::setting(setting)?;
        let level = BoardLevel::of(&setting)?;
        let (kind, (rows, columns)) = (level.kind, level.largest);
        if let Look::Picture(height, width, theme) = look {
            Renderer::new(height, width, theme)?;
        }
        let address = Address { setting, split: address::Split::Train, seed: 0, index: 0 };
        let seat = Seat { address, index: 0, next: 0, stride: 1, onto: None, moves: 0, over: true, walk: None };
        Ok(Self { kind, rows, columns, limit, cap: None, look, weights, held_out, seats: vec![seat; count] })
    }

    /// The same boards, whose walks are cut short after `cap` actions at the latest.
    pub fn capped(self, cap: Option<u32>) -> Result<Self> {
        if cap == Some(0) {
            return Err(Error::Board { why: "max_episode_steps=0 is out of range; give 1 or more".to_owned() });
        }
        Ok(Self { cap, ..self })
    }

    /// The same boards, whose observations hold boards of at least so many rows and columns.
    #[must_use]
    pub fn roomy(self, (rows, columns): (u8, u8)) -> Self {
        Self { rows: self.rows.max(rows.into()), columns: self.columns.max(columns.into()), ..self }
    }

    /// What kind of boards they are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of the facts, in order.
    pub fn facts(&self) -> [&'static str; FACTS] {
        ["index", "distance", "left", self.kind.own_refusal().1, "edge", "allowed"]
    }

    /// How many boards there are.
    pub fn count(&self) -> usize {
        self.seats.len()
    }

    /// Height, width and bytes a cell or pixel of one observation.
    pub fn shape(&self) -> [usize; 3] {
        match self.look {
            Look::Symbols => [self.rows, self.columns, 1],
            Look::Picture(height, width, _) => [height, width, 3],
        }
    }

    /// Whether a step is worth more than the calling thread.
    pub fn is_much(&self) -> bool {
        self.count() > if self.look == Look::Symbols { FEW } else { 4 }
    }

    /// Sets where boards go with their next reset, and how far on with each reset after it: all of them, or none if
    /// one cannot go there.
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn place(&mut self, places: Vec<(usize, Address, u64)>) -> Result<()> {
        let mut last: Option<&Address> = None;
        for (_, address, _) in &places {
            if !last.is_some_and(|last| std::sync::Arc::ptr_eq(&last.setting, &address.setting)) {
                self.takes(address)?;
            }
            last = Some(address);
        }
        let found = match self.held_out {
            Some(held_out) => {
                let addresses: Vec<Address> = places.iter().map(|(_, address, _)| address.clone()).collect();
                batch::admitted(&addresses, held_out)?.into_iter().map(|found| Some(found.index)).collect()
            }
            None => vec![None; places.len()],
        };
        for ((seat, address, stride), found) in places.into_iter().zip(found) {
            let seat = &mut self.seats[seat];
            (seat.next, seat.stride) = (address.index, stride);
            seat.onto = Some(Box::new(Placed { address, found }));
        }
        Ok(())
    }

    /// Complains unless a board can go to an address.
    fn takes(&self, address: &Address) -> Result<()> {
        let level = BoardLevel::of(&address.setting)?;
        if level.kind != self.kind {
            return Err(Error::Board { why: format!("task {:?} has boards of another kind", address.setting.task) });
        }
        let (rows, columns) = level.largest;
        if rows > self.rows || columns > self.columns {
            return Err(Error::Board {
                why: format!(
                    "boards of up to {rows} x {columns} cells do not fit observations of {} x {}",
                    self.rows, self.columns
                ),
            });
        }
        Ok(())
    }

    /// Whether the boards in `mask` know where to go: where contents are held out they must have been placed.
    pub fn can_reset(&self, mask: &[bool]) -> bool {
        let knows = |seat: &Seat| seat.walk.is_some() || seat.onto.is_some();
        self.held_out.is_none() || self.seats.iter().zip(mask).all(|(seat, meant)| !meant || knows(seat))
    }

    /// Whether every board had its first reset.
    pub fn begun(&self) -> bool {
        self.seats.iter().all(|seat| seat.walk.is_some())
    }

    /// The addresses of the samples on the boards.
    pub fn addresses(&self) -> Vec<String> {
        (0..self.count()).map(|seat| self.address(seat)).collect()
    }

    /// The address of the sample on one board.
    pub fn address(&self, seat: usize) -> String {
        self.seats[seat].address.to_string()
    }

    /// A board as text; empty before its first reset.
    pub fn text(&self, seat: usize) -> String {
        self.seats[seat].walk.as_ref().map_or_else(String::new, |walk| walk.board.text())
    }

    /// Draws a board; nothing before its first reset.
    pub fn draw(&self, seat: usize, height: usize, width: usize, theme: Theme, out: &mut [u8]) -> Result<()> {
        let want = height * width * 3;
        if out.len() != want {
            return Err(Error::Buffer { got: out.len(), want });
        }
        let seat = &self.seats[seat];
        match &seat.walk {
            Some(walk) => with_renderer(height, width, theme, |renderer| {
                renderer.draw_sheet(&walk.board.sheet(), seat.address.stream(Stream::Look), out);
            }),
            None => Ok(()),
        }
    }

    /// Begins the walks of the boards in `mask`.
    pub fn reset(&mut self, mask: &[bool], observations: &mut [u8], facts: &mut [i64]) {
        let (much, rules) = (self.is_much(), self.rules());
        let jobs = self
            .seats
            .iter_mut()
            .zip(observations.chunks_exact_mut(rules.bytes))
            .zip(facts.chunks_exact_mut(FACTS))
            .zip(mask)
            .filter(|(_, meant)| **meant);
        let begin = |(((seat, observation), facts), _): Begin<'_>| {
            seat.begin(&rules, observation);
            seat.tell(&rules, None, facts);
        };
        if much { jobs.collect::<Vec<_>>().into_par_iter().for_each(begin) } else { jobs.for_each(begin) }
    }

    /// Takes an action on every board.
    ///
    /// # Panics
    /// If there is no such action, or a slice has another length.
    pub fn step(&mut self, actions: &[i64], mode: Autoreset, out: Outcome<'_>) {
        let (much, rules, count) = (self.is_much(), self.rules(), self.count());
        assert_eq!(actions.len(), count, "one action a board");
        assert_eq!(out.observations.len(), count * rules.bytes, "one observation a board");
        let kept = (out.finals.len() / count.max(1)).max(1);
        let jobs = self
            .seats
            .iter_mut()
            .zip(out.observations.chunks_exact_mut(rules.bytes).zip(out.finals.chunks_exact_mut(kept)))
            .zip(out.facts.chunks_exact_mut(FACTS).zip(out.final_facts.chunks_exact_mut(FACTS)))
            .zip(out.rewards.iter_mut().zip(out.terminated.iter_mut().zip(out.truncated)))
            .zip(actions);
        let step = |((((seat, seen), told), paid), action): Job<'_>| {
            let (observation, last) = seen;
            let (facts, last_facts) = told;
            let (reward, (terminated, truncated)) = paid;
            (*reward, *terminated, *truncated) = (0.0, false, false);
            let mut refused = None;
            if seat.over && mode == Autoreset::NextStep {
                seat.begin(&rules, observation);
            } else {
                let turn = seat.act(*action as usize, &rules, observation);
                *reward = turn.worth(&rules.weights);
                *terminated = turn.is_last();
                *truncated = !*terminated && seat.moves >= seat.limit(&rules);
                seat.over = *terminated || *truncated;
                refused = turn.refused;
            }
            seat.tell(&rules, refused, facts);
            last_facts.copy_from_slice(facts);
            if seat.over && mode == Autoreset::SameStep {
                last.copy_from_slice(observation);
                seat.begin(&rules, observation);
                seat.tell(&rules, None, facts);
            }
        };
        if much { jobs.collect::<Vec<_>>().into_par_iter().with_min_len(4).for_each(step) } else { jobs.for_each(step) }
    }

    fn rules(&self) -> Rules {
        Rules {
            own: self.kind.own_refusal().0,
            columns: self.columns,
            limit: self.limit,
            cap: self.cap,
            look: self.look,
            weights: self.weights,
            held_out: self.held_out,
            bytes: self.shape().iter().product(),
        }
    }
}

type Begin<'a> = (((&'a mut Seat, &'a mut [u8]), &'a mut [i64]), &'a bool);

type Job<'a> = (
    (
        ((&'a mut Seat, (&'a mut [u8], &'a mut [u8])), (&'a mut [i64], &'a mut [i64])),
        (&'a mut f64, (&'a mut bool, &'a mut bool)),
    ),
    &'a i64,
);

/// What all seats share.
struct Rules {
    own: Refusal,
    columns: usize,
    limit: Option<u32>,
    cap: Option<u32>,
    look: Look,
    weights: Weights,
    held_out: Option<HeldOut>,
    bytes: usize,
}

impl Seat {
    /// Goes to the next sample and shows it.
    fn begin(&mut self, rules: &Rules, observation: &mut [u8]) {
        let mut found = None;
        if let Some(placed) = self.onto.take() {
            (self.address, found) = (placed.address, placed.found);
        }
        self.index = self.next;
        self.address.index = self.index;
        self.next = self.next.wrapping_add(self.stride);
        if let Some(held_out) = rules.held_out {
            self.next %= SPAN;
            self.address.index = found.unwrap_or_else(|| held_out.surely(&self.address).index);
        }
        (self.moves, self.over) = (0, false);
        let level = BoardLevel::of(&self.address.setting).expect("only levels with boards are placed");
        let board = level.begin(&mut self.address.stream(Stream::Instance));
        let sheet = match rules.look {
            Look::Symbols => {
                board.observe(rules.columns, observation);
                None
            }
            Look::Picture(height, width, theme) => {
                let sheet = board.sheet();
                with_renderer(height, width, theme, |renderer| {
                    renderer.draw_sheet(&sheet, self.address.stream(Stream::Look), observation);
                })
                .expect("the size was checked");
                Some(sheet)
            }
        };
        self.walk = Some(Walk { board, sheet });
    }

    /// Takes an action and shows what changed.
    fn act(&mut self, action: usize, rules: &Rules, observation: &mut [u8]) -> Turn {
        let walk = self.walk.as_mut().expect("boards are reset before they are stepped");
        let turn = walk.board.act(action);
        self.moves += 1;
        for place in turn.changed() {
            match (rules.look, &mut walk.sheet) {
                (Look::Picture(height, width, theme), Some(sheet)) => {
                    walk.board.repaint(place, sheet);
                    let look = self.address.stream(Stream::Look);
                    with_renderer(height, width, theme, |renderer| {
                        renderer.draw_cell(sheet, place.row(), place.column(), look, observation);
                    })
                    .expect("the size was checked");
                }
                _ => walk.board.observe_cell(place, rules.columns, observation),
            }
        }
        turn
    }

    /// Actions after which the walk is cut short.
    fn limit(&self, rules: &Rules) -> u32 {
        let own = || self.walk.as_ref().map_or(0, |walk| walk.board.patience());
        rules.limit.unwrap_or_else(own).min(rules.cap.unwrap_or(u32::MAX))
    }

    /// Writes the facts.
    fn tell(&self, rules: &Rules, refused: Option<Refusal>, facts: &mut [i64]) {
        let Some(walk) = &self.walk else { return };
        let distance = walk.board.distance().map_or(-1, i64::from);
        let left = i64::from(walk.board.left());
        let why = |refusal| i64::from(refused == Some(refusal));
        let allowed = i64::from(walk.board.allowed());
        facts.copy_from_slice(&[self.index as i64, distance, left, why(rules.own), why(Refusal::Edge), allowed]);
    }
}

pub mod state;

#[cfg(test)]
mod tests;
