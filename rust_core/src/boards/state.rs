//! What boards are, written down: to go on elsewhere or later exactly as they would have gone on here.
//!
//! A board is its address and what was done on it, so a few numbers each are all of it; the problem is generated
//! anew. A content hash tells whether this build still makes the same one.

use rayon::prelude::*;

use super::{Boards, Look, Placed, Seat, Walk};
use crate::{Error, Result, address::Address, board::BoardLevel, held_out::SPAN, rng::Stream};

/// One board, written down.
#[derive(Debug, Clone)]
pub struct Written {
    /// Of the sample it stands on.
    pub address: Address,
    /// The index that the address stands at.
    pub index: u64,
    /// The index that the next reset leads to.
    pub next: u64,
    /// How far each reset goes.
    pub stride: u64,
    /// Where it was placed since its last reset.
    pub onto: Option<Address>,
    /// Actions taken.
    pub moves: u32,
    /// Whether the walk is over.
    pub over: bool,
    /// The problem's content hash and what was done to it; `None` before the first reset.
    pub walk: Option<(u128, (u8, u8))>,
}

impl Boards {
    /// All boards in order.
    pub fn written(&self) -> Vec<Written> {
        let walk = |seat: &Seat| {
            let walk = seat.walk.as_ref()?;
            Some((seat.address.content(walk.board.problem()), walk.board.state()))
        };
        let one = |seat: &Seat| Written {
            address: seat.address.clone(),
            index: seat.index,
            next: seat.next,
            stride: seat.stride,
            onto: seat.onto.as_ref().map(|placed| placed.address.clone()),
            moves: seat.moves,
            over: seat.over,
            walk: walk(seat),
        };
        self.seats.iter().map(one).collect()
    }

    /// Takes up what was written; nothing changes if it cannot be.
    ///
    /// # Errors
    /// There is another number of boards, one cannot go where it should, or this build makes another problem there.
    pub fn resume(&mut self, written: &[Written]) -> Result<()> {
        if written.len() != self.count() {
            let why = format!("a state of {} boards does not fit {}", written.len(), self.count());
            return Err(Error::Board { why });
        }
        let seats = if self.is_much() {
            written.par_iter().map(|one| self.taken_up(one)).collect::<Result<Vec<Seat>>>()?
        } else {
            written.iter().map(|one| self.taken_up(one)).collect::<Result<Vec<Seat>>>()?
        };
        self.seats = seats;
        Ok(())
    }

    fn taken_up(&self, written: &Written) -> Result<Seat> {
        self.takes(&written.address)?;
        if self.held_out.is_some() && written.next >= SPAN {
            return Err(Error::Board {
                why: format!("no sample stands at index {}; give one below 2^40", written.next),
            });
        }
        let onto = written.onto.as_ref().map(|address| self.placed(address)).transpose()?;
        let walk = written.walk.map(|(content, state)| self.walked(&written.address, content, state)).transpose()?;
        Ok(Seat {
            address: written.address.clone(),
            index: written.index,
            next: written.next,
            stride: written.stride,
            onto: onto.map(Box::new),
            moves: written.moves,
            over: written.over,
            walk,
        })
    }

    fn placed(&self, address: &Address) -> Result<Placed> {
        self.takes(address)?;
        let found = self.held_out.map(|held_out| held_out.admitted(address)).transpose()?;
        Ok(Placed { address: address.clone(), found: found.map(|found| found.index) })
    }

    fn walked(&self, address: &Address, content: u128, state: (u8, u8)) -> Result<Walk> {
        let board = BoardLevel::of(&address.setting)?.begin(&mut address.stream(Stream::Instance));
        if address.content(board.problem()) != content {
            let why = format!("the state is another build's: {address} is another problem in this one; start anew");
            return Err(Error::Board { why });
        }
        let wrong = || Error::Board { why: format!("the board {address} has no state {state:?}") };
        let board = board.at(state).ok_or_else(wrong)?;
        let sheet = matches!(self.look, Look::Picture(..)).then(|| board.sheet());
        Ok(Walk { board, sheet })
    }
}
