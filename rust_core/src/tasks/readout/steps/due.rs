//! Lines that say exactly what the rationale would say next, in any of its wordings: nearly all lines
//! of nearly all replies, and so read by comparison and not term by term.

use crate::{
    scan::{Token, tokens},
    verdict::{Reason, Skill, Step},
};

use super::{
    super::{names::Names, problem::Readout, table, vocabulary::digit_word, worked::COUNTED},
    reader::{Reader, Said},
};

/// A digit and its cell, each with the bytes it takes in its line.
struct Told {
    cell: (usize, usize),
    digit: (usize, usize),
    number: u64,
}

impl Reader<'_> {
    /// Judges a line if it is one of these; `base` is where it begins.
    #[inline]
    pub(super) fn due_line(&mut self, line: &[u8], base: usize) -> bool {
        let Some(&cell) = self.of.path.get(self.due) else { return self.due_end(line, base) };
        if self.done[self.due / 64] & (1 << (self.due % 64)) != 0 {
            return false;
        }
        let Some(told) = due_cell(self.of, cell, line) else { return self.due_end(line, base) };
        self.claims += 1;
        self.tell(self.due);
        let place = Step::ok(base + told.cell.0..base + told.cell.1, Skill::NextCell);
        let digit = base + told.digit.0..base + told.digit.1;
        let digit = if told.number == u64::from(self.of.table.values[usize::from(cell)]) {
            Step::ok(digit, Skill::Read)
        } else {
            Step::wrong(digit, Skill::Read, Reason::WrongValue)
        };
        let (first, second) = if told.digit.0 < told.cell.0 { (digit, place) } else { (place, digit) };
        self.steps.push(first);
        self.steps.push(second);
        true
    }

    /// The header before the first cell, and the sum after the last one, if they are right.
    #[inline(never)]
    fn due_end(&mut self, line: &[u8], base: usize) -> bool {
        let (said, span, skill) = if let Some(ends) = line.strip_prefix(b"The path leads from ") {
            let ends = ends.strip_suffix(b".").unwrap_or(ends);
            if self.located != Said::Never || !self.says_ends(ends) {
                return false;
            }
            let start = base + "The path leads ".len();
            (&mut self.located, start..start + "from ".len() + ends.len(), Skill::Locate)
        } else if let Some(sum) = line.strip_prefix(b"Sum: ") {
            if self.summed != Said::Never || !self.says_sum(sum) {
                return false;
            }
            self.stated = Some(self.wrong_sums == 0);
            (&mut self.summed, base..base + line.len(), Skill::ApplyRule)
        } else {
            return false;
        };
        *said = Said::Formally;
        self.steps.push(Step::ok(span, skill));
        true
    }

    fn says_ends(&self, text: &[u8]) -> bool {
        let (start, end) = self.of.ends();
        let letters = self.of.wording.names == Names::Letters;
        let words = if letters { ["row ", "column "] } else { [""; 2] };
        let rest = |text, cell, by_column: bool| {
            let (row, column) = self.of.names_at(cell);
            let [row, column] = [[words[0], row], [words[1], column]];
            let [first, second] = if by_column { [column, row] } else { [row, column] };
            let rest = rest_after(rest_after(text, first[0])?, first[1])?.strip_prefix(b", ")?;
            rest_after(rest_after(rest, second[0])?, second[1])
        };
        [false, true].into_iter().any(|by_column| {
            rest(text, start, by_column)
                .and_then(|text| text.strip_prefix(b" to "))
                .and_then(|text| rest(text, end, by_column))
                .is_some_and(<[u8]>::is_empty)
        })
    }

    fn says_sum(&self, text: &[u8]) -> bool {
        let mut tokens = tokens(text).map(|(token, _)| token);
        let length = self.of.path.len();
        for (at, digit) in self.of.values().enumerate() {
            let said = match tokens.next() {
                Some(Token::Number(number)) => number == u64::from(digit),
                Some(Token::Word(word)) => digit_word(word) == Some(digit),
                _ => false,
            };
            let sign = if at + 1 == length { b'=' } else { b'+' };
            if !said || tokens.next() != Some(Token::Mark(sign)) {
                return false;
            }
        }
        tokens.next() == Some(Token::Number(self.of.total.into())) && text.last().is_some_and(u8::is_ascii_digit)
    }
}

/// The due cell and a digit, if a line says them as the rationale would.
#[inline]
fn due_cell(of: &Readout, cell: u8, line: &[u8]) -> Option<Told> {
    let (row, column) = of.names_at(cell);
    let letters = of.wording.names == Names::Letters;
    let after = |start: usize, rest: &[u8], between: &[u8]| {
        let end = line.len() - rest.len();
        let digit = rest.strip_prefix(between)?;
        let told = |number| Told { cell: (start, end), digit: (line.len() - digit.len(), line.len()), number };
        match *digit {
            [digit @ b'0'..=b'9'] => Some(told((digit - b'0').into())),
            _ => digit_word(digit).map(|digit| told(digit.into())),
        }
    };
    let counted = |text: &'_ [u8], by_row: bool| {
        let of_row = |text, word: &[u8]| counted(text, word, table::row(cell), row);
        let of_column = |text, word: &[u8]| counted(text, word, table::column(cell), column);
        let rest = if by_row {
            of_column(of_row(text, b"row ")?.strip_prefix(b", ")?, b"column ")
        } else {
            of_row(of_column(text, b"Column ")?.strip_prefix(b", ")?, b"row ")
        }?;
        Some(text.len() - rest.len())
    };
    let plain = |text: &'_ [u8]| {
        let between: &[u8] = if letters { b"" } else { b" " };
        let rest = rest_after(rest_after(text, row)?.strip_prefix(between)?, column)?;
        Some(text.len() - rest.len())
    };
    if let Some(length) = plain(line) {
        return after(0, &line[length..], b" ");
    }
    match line {
        [b'R', b'o', b'w', b' ', rest @ ..] => {
            let rest = rest_after(rest, COUNTED[table::row(cell) + 1])?.strip_prefix(b" ")?;
            let rest = rest_after(rest, row)?.strip_prefix(b", column ")?;
            let rest = rest_after(rest, COUNTED[table::column(cell) + 1])?.strip_prefix(b" ")?;
            return after(0, rest_after(rest, column)?, b": ");
        }
        [b'C', b'o', b'l', b'u', b'm', b'n', b' ', ..] => {
            let length = counted(line, false)?;
            return after(0, &line[length..], b": ");
        }
        [b'c', b'o', b'l', b'u', b'm', b'n', b' ', rest @ ..] if letters => {
            let rest = rest_after(rest_after(rest, column)?.strip_prefix(b" row ")?, row)?;
            return after(0, rest, b" ");
        }
        _ => {}
    }
    if let Some(rest) = rest_after(line, column).filter(|_| !letters) {
        return after(0, rest_after(rest.strip_prefix(b" ")?, row)?, b" ");
    }
    let space = line.iter().take(6).position(|&byte| byte == b' ')?;
    let number = match line[..space] {
        [digit @ b'0'..=b'9'] => u64::from(digit - b'0'),
        ref word => digit_word(word)?.into(),
    };
    let named = &line[space + 1..];
    let (start, length) = match named.strip_prefix(b"at ") {
        Some(named) => (space + 4, counted(named, true)?),
        None => (space + 1, plain(named)?),
    };
    (start + length == line.len()).then_some(Told { cell: (start, line.len()), digit: (0, space), number })
}

/// What follows a row or a column by number and name.
#[inline]
fn counted<'a>(text: &'a [u8], word: &[u8], at: usize, name: &str) -> Option<&'a [u8]> {
    rest_after(rest_after(text.strip_prefix(word)?, COUNTED[at + 1])?.strip_prefix(b" ")?, name)
}

/// What follows a name at the start of a text.
#[inline]
fn rest_after<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(name.len())?;
    (start == name.as_bytes()).then_some(rest)
}
