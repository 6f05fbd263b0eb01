//! Lines that say of the cell that is due exactly what the rationale would: nearly all lines of nearly
//! all replies, and so read by comparison and not token by token.

use super::{
    super::{names::Names, table, worked::COUNTED},
    Reader,
};

impl Reader<'_> {
    /// Judges a line if it is one of these, `Row 3 Alpha, column 2 January: 7` or `Alpha January 7`;
    /// `base` is where it begins. What tokens would have left behind, the line's end takes away.
    #[inline]
    pub(super) fn due_line(&mut self, line: &[u8], base: usize) -> bool {
        let Some((end, number)) = self.due_cell(line) else { return false };
        let cell = self.of.path[self.due];
        let digit = base + line.len() - 1;
        self.claims += 1;
        let (place, digit) = self.judge(Ok(cell), base..base + end, number, digit..digit + 1);
        self.steps.push(place);
        self.steps.push(digit);
        true
    }

    /// Where the name of the due cell ends, and the digit after it.
    #[inline]
    fn due_cell(&self, line: &[u8]) -> Option<(usize, u64)> {
        let (&digit, named) = line.split_last().filter(|(digit, _)| digit.is_ascii_digit())?;
        let cell = *self.of.path.get(self.due)?;
        let (row, column) = (table::row(cell), table::column(cell));
        let (row_name, column_name) = (self.of.row_name(row), self.of.column_name(column));
        let (named, between) = if let Some(counted) = named.strip_prefix(b"Row ") {
            let named = rest_after(counted, COUNTED[row + 1])?.strip_prefix(b" ")?;
            let counted = rest_after(named, row_name)?.strip_prefix(b", column ")?;
            (rest_after(rest_after(counted, COUNTED[column + 1])?.strip_prefix(b" ")?, column_name)?, ": ")
        } else {
            let between: &[u8] = if self.of.wording.names == Names::Letters { b"" } else { b" " };
            (rest_after(rest_after(named, row_name)?.strip_prefix(between)?, column_name)?, " ")
        };
        (named == between.as_bytes()).then(|| (line.len() - 1 - between.len(), u64::from(digit - b'0')))
    }
}

/// What follows a name at the start of a text.
#[inline]
fn rest_after<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(name.len())?;
    (start == name.as_bytes()).then_some(rest)
}
