//! Lines and tokens of a reply: any bytes in, no allocation, one pass.

use std::ops::Range;

/// One token. Marks that carry no meaning in any task (quotes, bold marks, brackets) are tokens
/// too, so that a strict reader can refuse what a lenient one skips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A run of ASCII letters, as written; arrows come as the word of their direction.
    Word(&'a [u8]),
    /// A run of digits, ASCII or full-width; it saturates.
    Number(u64),
    /// Any other ASCII byte but white space.
    Mark(u8),
    /// A character outside ASCII with no meaning here, or a stray byte.
    Other,
}

impl Token<'_> {
    /// Whether this is the word `lower`, in any case.
    #[inline]
    pub fn is(&self, lower: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(lower.as_bytes()))
    }

    /// Whether this may stand around or between the parts of an answer without changing it:
    /// brackets, quotes, bold marks, commas, full stops.
    #[inline]
    pub fn is_dressing(&self) -> bool {
        matches!(
            self,
            Token::Mark(
                b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'"' | b'\'' | b'`' | b'*' | b'_' | b',' | b';' | b'.' | b'$'
            )
        )
    }
}

/// The tokens of a text, each with the bytes it takes.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Splits a text into tokens.
pub fn tokens(bytes: &[u8]) -> Tokens<'_> {
    Tokens { bytes, at: 0 }
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;
const WIDE: u8 = 4;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\r' | b'\n' => SPACE,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    class
};

impl<'a> Iterator for Tokens<'a> {
    type Item = (Token<'a>, Range<usize>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.bytes;
        loop {
            let start = self.at;
            let &first = bytes.get(start)?;
            match CLASS[usize::from(first)] {
                SPACE => self.at += 1,
                LETTER => {
                    let mut end = start + 1;
                    while end < bytes.len() && CLASS[usize::from(bytes[end])] == LETTER {
                        end += 1;
                    }
                    self.at = end;
                    return Some((Token::Word(&bytes[start..end]), start..end));
                }
                DIGIT => return Some(self.number(start)),
                WIDE => {
                    if let Some(token) = self.wide(start) {
                        return Some(token);
                    }
                }
                _ => {
                    self.at += 1;
                    return Some((Token::Mark(first), start..start + 1));
                }
            }
        }
    }
}

impl<'a> Tokens<'a> {
    /// The text from the next token's possible start on.
    pub fn position(&self) -> usize {
        self.at
    }

    fn number(&mut self, start: usize) -> (Token<'a>, Range<usize>) {
        let mut value = 0_u64;
        let mut end = start;
        while let Some((digit, length)) = digit(&self.bytes[end..]) {
            value = value.saturating_mul(10).saturating_add(u64::from(digit));
            end += length;
        }
        self.at = end;
        (Token::Number(value), start..end)
    }

    /// A token that starts with a byte outside ASCII; `None` for white space.
    #[cold]
    fn wide(&mut self, start: usize) -> Option<(Token<'a>, Range<usize>)> {
        let bytes = &self.bytes[start..];
        if digit(bytes).is_some() {
            return Some(self.number(start));
        }
        let (token, length) = match bytes {
            [0xC2, 0xA0, ..] => (None, 2),
            [0xE2, 0x80, 0x80..=0x8F | 0xA8 | 0xA9 | 0xAF, ..]
            | [0xE2, 0x81, 0xA0, ..]
            | [0xE3, 0x80, 0x80, ..]
            | [0xEF, 0xBB, 0xBF, ..] => (None, 3),
            [0xC3, 0x97, ..] => (Some(Token::Mark(b'*')), 2), // ×
            // Curly, angular and corner quotes are quotes: “ ‘ « ‹ 「 『.
            [0xC2, 0xAB | 0xBB, ..] => (Some(Token::Mark(b'"')), 2),
            [0xE2, 0x80, 0x98..=0x9F | 0xB9 | 0xBA, ..] | [0xE3, 0x80, 0x8C..=0x8F, ..] => (Some(Token::Mark(b'"')), 3),
            // Brackets 〈 《 【 〔, and dashes.
            [0xE3, 0x80, 0x88 | 0x8A | 0x90 | 0x94, ..] => (Some(Token::Mark(b'[')), 3),
            [0xE3, 0x80, 0x89 | 0x8B | 0x91 | 0x95, ..] => (Some(Token::Mark(b']')), 3),
            [0xE2, 0x80, 0x90..=0x95, ..] => (Some(Token::Mark(b'-')), 3),
            [0xE3, 0x80, 0x81, ..] | [0xEF, 0xBD, 0xA4, ..] => (Some(Token::Mark(b',')), 3),
            [0xE3, 0x80, 0x82, ..] | [0xEF, 0xBD, 0xA1, ..] => (Some(Token::Mark(b'.')), 3),
            // Full-width marks are those of ASCII.
            [0xEF, 0xBC, mark @ (0x81..=0x8F | 0x9A..=0xA0 | 0xBB..=0xBF), ..] => (Some(Token::Mark(mark - 0x60)), 3),
            [0xEF, 0xBD, mark @ (0x80 | 0x9B..=0x9E), ..] => (Some(Token::Mark(mark - 0x20)), 3),
            _ => match arrow(bytes) {
                Some((word, length)) => (Some(Token::Word(word)), length),
                None => (Some(Token::Other), character(bytes)),
            },
        };
        self.at = start + length;
        token.map(|token| (token, start..start + length))
    }
}

/// A digit and the bytes it takes.
#[inline]
fn digit(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes {
        [byte @ b'0'..=b'9', ..] => Some((byte - b'0', 1)),
        [0xEF, 0xBC, byte @ 0x90..=0x99, ..] => Some((byte - 0x90, 3)),
        _ => None,
    }
}

/// Arrows ← ↑ → ↓, ⇐ ⇑ ⇒ ⇓, ⬅ ⬆ ➡ ⬇ (with or without a variation selector), ⟵ ⟶ and ➜ ➔.
fn arrow(bytes: &[u8]) -> Option<(&'static [u8], usize)> {
    const WORDS: [&[u8]; 4] = [b"left", b"up", b"right", b"down"];
    let word = match bytes {
        [0xE2, 0x86 | 0x87, byte @ 0x90..=0x93, ..] => WORDS[usize::from(byte - 0x90)],
        [0xE2, 0xAC, 0x85, ..] | [0xE2, 0x9F, 0xB5, ..] => WORDS[0],
        [0xE2, 0xAC, 0x86, ..] => WORDS[1],
        [0xE2, 0xAC, 0x87, ..] => WORDS[3],
        [0xE2, 0x9E, 0xA1 | 0x9C | 0x94, ..] | [0xE2, 0x9F, 0xB6, ..] => WORDS[2],
        _ => return None,
    };
    let selector = matches!(bytes.get(3..6), Some([0xEF, 0xB8, 0x8F | 0x8E]));
    Some((word, if selector { 6 } else { 3 }))
}

/// The length of the character at the start, or 1 where the bytes are no UTF-8.
fn character(bytes: &[u8]) -> usize {
    let want = match bytes[0] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return 1,
    };
    match bytes.get(1..want) {
        Some(rest) if rest.iter().all(|byte| byte & 0xC0 == 0x80) => want,
        _ => 1,
    }
}

/// The lines of a text as byte ranges, without their ends; the last may be empty.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = Some(0);
    let mut ends = memchr::memchr_iter(b'\n', bytes);
    std::iter::from_fn(move || {
        let from = start?;
        let end = ends.next();
        start = end.map(|end| end + 1);
        Some(from..end.unwrap_or(bytes.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        tokens(text.as_bytes())
            .map(|(token, _)| match token {
                Token::Word(word) => String::from_utf8_lossy(word).into_owned(),
                Token::Number(number) => number.to_string(),
                Token::Mark(mark) => char::from(mark).to_string(),
                Token::Other => "?".to_owned(),
            })
            .collect()
    }

    #[test]
    fn words_numbers_and_marks_are_told_apart() {
        assert_eq!(
            read("3. Row 12, AlphaWidget: **SEVEN**"),
            ["3", ".", "Row", "12", ",", "AlphaWidget", ":", "*", "*", "SEVEN", "*", "*"]
        );
    }

    #[test]
    fn arrows_and_wide_digits_are_understood() {
        assert_eq!(read("→ ⬆\u{FE0F} １２，é"), ["right", "up", "12", ",", "?"]);
    }

    #[test]
    fn wide_marks_are_marks() {
        assert_eq!(read("「3」。【4】（５）；＞－").concat(), "\"3\".[4](5);>-");
        assert_eq!(read("｛1｝［2］：？！／｜").concat(), "{1}[2]:?!/|");
    }

    #[test]
    fn lines_cover_the_text() {
        let text = b"a\n\nbc\n";
        let found: Vec<&[u8]> = lines(text).map(|line| &text[line]).collect();
        assert_eq!(found, [b"a".as_slice(), b"", b"bc", b""]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_tokenised_in_order(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let mut last = 0;
            for (_, span) in tokens(&bytes) {
                assert!(last <= span.start && span.start < span.end && span.end <= bytes.len());
                last = span.end;
            }
        }
    }
}
