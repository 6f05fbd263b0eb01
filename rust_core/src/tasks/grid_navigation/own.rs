//! The rationale's own lines, spelled to the byte as we write them: read in one pass, without taking them apart first.
//!
//! What is read here is what `shapes` reads; whatever is spelled otherwise is left to `shapes`.

use super::{
    problem::Problem,
    bits::{Bits, Heading},
    lines::{Key, Line, Listed, Named, key, named, terse},
};

/// What one of our own lines says.
#[inline]
pub fn own(problem: &Problem, bytes: &[u8]) -> Option<Line> {
    terse(bytes).or_else(|| Cursor(bytes).line(problem))
}

/// Bytes not read yet.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    #[inline]
    fn eat(&mut self, text: &[u8]) -> bool {
        match self.0.strip_prefix(text) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    #[inline]
    fn due(&mut self, text: &[u8]) -> Option<()> {
        self.eat(text).then_some(())
    }

    /// `(c, a)`
    #[inline]
    fn full_cell(&mut self) -> Option<Named> {
        let [b'(', row, b',', b' ', column, b')', rest @ ..] = self.0 else { return None };
        self.0 = rest;
        lettered(*row, *column)
    }

    /// `ca`, and no letter after it.
    #[inline]
    fn terse_cell(&mut self) -> Option<Named> {
        let [row, column, rest @ ..] = self.0 else { return None };
        if rest.first().is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        self.0 = rest;
        lettered(*row, *column)
    }

    #[inline]
    fn word(&mut self) -> (&'a [u8], &'a [u8]) {
        let whole = self.0;
        let length = whole.iter().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(whole.len());
        self.0 = &whole[length..];
        (&whole[..length], whole)
    }

    #[inline]
    fn key(&mut self) -> Option<Key> {
        let (word, whole) = self.word();
        if word.len() < 2 { None } else { key(word, whole) }
    }

    #[inline]
    fn heading(&mut self) -> Option<Heading> {
        match self.key()? {
            Key::Heading(heading) => Some(heading),
            _ => None,
        }
    }

    /// A symbol's name, or that of the destination in its place.
    #[inline]
    fn name(&mut self, line: &mut Line) -> Option<()> {
        match self.key()? {
            key @ (Key::Symbol(_) | Key::Destination) => {
                line.note(key, &mut None);
                Some(())
            }
            _ => None,
        }
    }

    fn line(mut self, problem: &Problem) -> Option<Line> {
        let line = match *self.0.first()? {
            b'F' => self.full_move()?,
            b'A' if self.0.starts_with(b"At (") => self.header()?,
            b'D' => self.full_retrace()?,
            b'C' | b'A' | b'R' => return self.full_list(problem),
            b'T' => self.full_ends()?,
            _ if self.0.get(2) == Some(&b' ') && !self.0.starts_with(b"up") => self.terse_line()?,
            _ => {
                let rest = self;
                match self.heading() {
                    Some(heading) if self.eat(b": ") => self.full_check(heading)?,
                    _ => return rest.terse_list(problem),
                }
            }
        };
        self.0.is_empty().then_some(line)
    }

    /// `From (c, a) go right to (c, b), which is blank.`
    fn full_move(&mut self) -> Option<Line> {
        self.due(b"From ")?;
        let origin = Some(self.full_cell()?);
        self.due(b" go ")?;
        let heading = Some(self.heading()?);
        self.due(b" to ")?;
        let target = Some(self.full_cell()?);
        let mut line = Line { origin, heading, target, ..Line::default() };
        line.note(Key::To, &mut None);
        if self.eat(b", which is blank.") {
            line.note(Key::Blank, &mut None);
        } else if self.eat(b", where the ") {
            self.name(&mut line)?;
            self.due(b" is collected.")?;
            line.note(Key::Collect, &mut None);
        } else if self.eat(b", which held the ") {
            self.name(&mut line)?;
            self.due(b".")?;
        } else if self.eat(b", the destination.") {
            line.note(Key::Destination, &mut None);
        } else {
            self.due(b", the start.")?;
            line.note(Key::Start, &mut None);
        }
        Some(line)
    }

    /// `At (c, a), collect heart:`
    fn header(&mut self) -> Option<Line> {
        self.due(b"At ")?;
        let mut line = Line::default();
        line.note(Key::At, &mut None);
        line.origin = Some(self.full_cell()?);
        if self.eat(b", collect ") {
            line.note(Key::Collect, &mut None);
            self.name(&mut line)?;
        }
        self.eat(b" again");
        self.due(b":")?;
        Some(line)
    }

    /// `(b, a) closed (dot)`, behind `up: `
    fn full_check(&mut self, heading: Heading) -> Option<Line> {
        let mut line = Line { heading: Some(heading), ..Line::default() };
        if self.eat(b"outside") {
            line.note(Key::Outside, &mut None);
            return Some(line);
        }
        line.target = Some(self.full_cell()?);
        self.due(b" ")?;
        match self.key()? {
            key @ (Key::Closed | Key::Visited | Key::Future | Key::Okay) => line.note(key, &mut None),
            _ => return None,
        }
        if self.eat(b"-collect") {
            line.note(Key::Collect, &mut None);
        }
        if self.eat(b" (") {
            self.name(&mut line)?;
            self.due(b")")?;
        }
        Some(line)
    }

    /// `Dead end, retrace 1 step to (c, a)`
    fn full_retrace(&mut self) -> Option<Line> {
        self.due(b"Dead end, retrace 1 step to ")?;
        let mut line = Line::default();
        line.note(Key::Retrace, &mut None);
        line.note(Key::To, &mut None);
        line.origin = Some(self.full_cell()?);
        Some(line)
    }

    /// `The start is (c, a) and the destination is (b, b).`
    fn full_ends(&mut self) -> Option<Line> {
        self.due(b"The start is ")?;
        let mut line = Line::default();
        line.note(Key::Start, &mut None);
        line.origin = Some(self.full_cell()?);
        self.due(b" and the destination is ")?;
        line.note(Key::Destination, &mut None);
        line.target = Some(self.full_cell()?);
        self.due(b".")?;
        Some(line)
    }

    /// `ca left outside`, `cb retrace ca`, `ca to bb`
    fn terse_line(&mut self) -> Option<Line> {
        let mut line = Line { origin: Some(self.terse_cell()?), ..Line::default() };
        self.due(b" ")?;
        match self.key()? {
            Key::Heading(heading) => {
                line.heading = Some(heading);
                self.due(b" outside")?;
                line.note(Key::Outside, &mut None);
            }
            Key::Retrace => {
                line.note(Key::Retrace, &mut None);
                self.due(b" ")?;
                if self.eat(b"none") {
                    line.note(Key::Nothing, &mut None);
                } else {
                    line.target = Some(self.terse_cell()?);
                }
            }
            Key::To => {
                line.note(Key::To, &mut None);
                self.due(b" ")?;
                line.target = Some(self.terse_cell()?);
            }
            _ => return None,
        }
        Some(line)
    }

    /// `collect heart ac, star bc`, `avoid aa`, `reach ca cb`
    fn terse_list(mut self, problem: &Problem) -> Option<Line> {
        let kind @ (Key::Collect | Key::Avoid | Key::Reach) = self.key()? else { return None };
        let mut line = begun(kind);
        while !self.0.is_empty() {
            self.eat(b",");
            self.due(b" ")?;
            let mut symbol = None;
            let rest = self;
            match self.key() {
                Some(key @ Key::Symbol(_)) => {
                    line.note(key, &mut symbol);
                    self.due(b" ")?;
                }
                _ => self = rest,
            }
            let cell = self.terse_cell()?;
            line.listed.as_mut()?.add(problem, cell, symbol);
        }
        line.listed.is_some_and(|listed| !listed.cells.is_empty()).then_some(line)
    }

    /// `Collect the heart at (a, c), the star at (b, c).`, `Reachable: (c, a), (c, b).`
    fn full_list(mut self, problem: &Problem) -> Option<Line> {
        let mut line = if self.eat(b"Collect ") {
            begun(Key::Collect)
        } else if self.eat(b"Avoid ") {
            begun(Key::Avoid)
        } else {
            self.due(b"Reachable: ")?;
            begun(Key::Reach)
        };
        loop {
            let mut symbol = None;
            if self.eat(b"the ") {
                let (word, whole) = self.word();
                let key @ Key::Symbol(_) = key(word, whole)? else { return None };
                line.note(key, &mut symbol);
                self.due(b" at ")?;
                line.note(Key::At, &mut None);
            }
            let cell = self.full_cell()?;
            line.listed.as_mut()?.add(problem, cell, symbol);
            if self.eat(b".") {
                return self.0.is_empty().then_some(line);
            }
            self.due(b", ")?;
        }
    }
}

fn begun(kind: Key) -> Line {
    Line { listed: Some(Listed { kind, cells: Bits::default(), items: 0, wrong: false }), ..Line::default() }
}

/// Two small letters as a cell on the lattice.
#[inline]
fn lettered(row: u8, column: u8) -> Option<Named> {
    let cell = named(row, column);
    matches!(cell, Named::Cell(_)).then_some(cell)
}
