//! How paths are drawn: one attempt of each family, which may fail.

use crate::{rng::Rng, task::Bounds, tasks::readout::Family};

use super::{
    TableReadout,
    walk::{Heading, Walk},
};

/// A path as an attempt left it.
pub struct Attempt {
    /// The path.
    pub walk: Walk,
    /// The part of it that is kept.
    pub kept: std::ops::Range<usize>,
}

impl TableReadout {
    /// How many pieces paths of a family have.
    pub(super) fn pieces(&self, family: Family) -> Bounds {
        match family {
            Family::Random | Family::Consecutive => self.random,
            Family::Sine => self.sine,
            Family::Spiral => self.spiral,
            Family::Compositional => self.compositional,
        }
    }

    /// One attempt, in a table of a size of its own; `length` is what a random path must have.
    pub(super) fn attempt(&self, family: Family, length: usize, rng: &mut Rng) -> Option<Attempt> {
        let (rows, columns) = (self.rows.draw(rng), self.columns.draw(rng));
        match family {
            Family::Random | Family::Consecutive => self.random(rows, columns, length, rng),
            Family::Sine | Family::Spiral | Family::Compositional => self.laned(family, rows, columns, rng),
        }
    }

    /// Segments of any length that add up, each turning either way.
    fn random(&self, rows: usize, columns: usize, length: usize, rng: &mut Rng) -> Option<Attempt> {
        let start = (rng.below(rows), rng.below(columns));
        let mut walk = Walk::new(rows, columns, self.gap, [0, rows - 1, 0, columns - 1], start);
        let steps = length - 1;
        let pieces = self.random.draw(rng).min(steps);
        let mut heading = rng.below(4);
        // Of the steps but the first, a uniform choice of `pieces - 1` begin a new segment, or the
        // steps that must because the way ahead is closed.
        let mut turns = pieces.saturating_sub(1);
        for left in (1..=steps).rev() {
            if left == steps {
                heading = (0..4).map(|turn| (heading + turn) % 4).find(|&heading| walk.step(heading))?;
                continue;
            }
            let turn = turns > 0 && rng.below(left) < turns;
            if !turn && walk.step(heading) {
                continue;
            }
            turns = turns.checked_sub(1)?;
            let clockwise = rng.below(2) == 0;
            let sides = [turned(heading, clockwise), turned(heading, !clockwise)];
            heading = sides.into_iter().find(|&heading| walk.step(heading))?;
        }
        Some(Attempt { walk, kept: 0..length })
    }

    /// Long runs with empty lanes between them, from a corner.
    fn laned(&self, family: Family, rows: usize, columns: usize, rng: &mut Rng) -> Option<Attempt> {
        let most = match family {
            Family::Compositional => 0, // these need the room
            _ => self.inset.high.min((rows - 1) / 2).min((columns - 1) / 2),
        };
        let inset = |rng: &mut Rng| rng.between(self.inset.low.min(most), most);
        let mut frame = [inset(rng), rows - 1 - inset(rng), inset(rng), columns - 1 - inset(rng)];
        let corner = rng.below(4);
        let (low, left) = (corner / 2, corner % 2);
        let start = (frame[low], frame[2 + left]);
        // Away from the corner: along the row or along the column, and then to the other side.
        let (along, down) = (2 * left, 1 + 2 * low);
        let by_row = rng.below(2) == 0;
        let (mut heading, side) = if by_row { (along, down) } else { (down, along) };
        let mut clockwise = (heading + 1) % 4 == side;
        if family == Family::Sine {
            // Each run of a sine has an inset of its own, so the frame is the table's edge.
            frame = if by_row { [frame[0], frame[1], 0, columns - 1] } else { [0, rows - 1, frame[2], frame[3]] };
        }

        let pieces = self.pieces(family).draw(rng);
        let mut walk = Walk::new(rows, columns, self.gap, frame, start);
        let mut first = 0; // cells of the first piece after its start, and of the last
        let mut last = 0;
        let mut made = 0;
        while made < pieces {
            let as_sine = match family {
                Family::Sine => made > 0,
                Family::Compositional => made > 0 && rng.below(2) == 0,
                _ => false,
            };
            if as_sine {
                heading = turned(heading, clockwise);
                last = walk.run(heading, self.gap + 1);
                if last <= self.gap {
                    return None;
                }
                made += 1;
                if made == pieces {
                    break;
                }
            }
            if made > 0 {
                heading = turned(heading, clockwise);
            }
            // A sine goes on to the same side of the table, so it turns the other way next.
            clockwise ^= as_sine;
            last = self.lane(&mut walk, heading, family, rng)?;
            made += 1;
            if made == 1 {
                first = last;
            }
        }
        // A piece that is cut short keeps a cell of its own, so that the pieces stay as many.
        let cut = |most: usize, rng: &mut Rng| self.trim.draw(rng).min(most - 1);
        let start = cut(first, rng);
        let end = cut(if pieces == 1 { last - start } else { last }, rng);
        let kept = start..walk.cells().len() - end;
        Some(Attempt { walk, kept })
    }

    /// A run as far as it goes; a sine stops short of the edge by an inset.
    fn lane(&self, walk: &mut Walk, heading: Heading, family: Family, rng: &mut Rng) -> Option<usize> {
        let room = walk.room(heading);
        let short = if family == Family::Sine { self.inset.draw(rng).min(room) } else { 0 };
        let steps = walk.run(heading, room - short);
        (steps > self.gap).then_some(steps)
    }
}

fn turned(heading: Heading, clockwise: bool) -> Heading {
    if clockwise { (heading + 1) % 4 } else { (heading + 3) % 4 }
}
