//! LaTeX as far as replies are written in it: which words are commands, what each does, and what boxes hold.

use std::ops::Range;

use crate::scan::Token;

/// What a command does to what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// It dresses what it holds: `\text{…}`.
    Dress,
    /// It frames a final answer: `\boxed{…}`.
    Box,
    /// It begins or ends an environment.
    Environment,
    /// It stands between items and never is one.
    Joint,
    /// It is an arrow, which means the word of its direction.
    Arrow(&'static [u8]),
    /// Anything else.
    Other,
}

impl Command {
    /// The command of this name.
    pub fn named(word: &[u8]) -> Self {
        match word {
            b"boxed" | b"fbox" => Self::Box,
            b"begin" | b"end" => Self::Environment,
            b"to" | b"implies" | b"mapsto" | b"newline" | b"cdot" | b"dots" | b"space" | b"item" => Self::Joint,
            b"rightarrow" | b"Rightarrow" | b"longrightarrow" | b"Longrightarrow" => Self::Arrow(b"right"),
            b"leftarrow" | b"Leftarrow" | b"longleftarrow" | b"Longleftarrow" => Self::Arrow(b"left"),
            b"uparrow" | b"Uparrow" => Self::Arrow(b"up"),
            b"downarrow" | b"Downarrow" => Self::Arrow(b"down"),
            _ if DRESSING.contains(&word) => Self::Dress,
            _ => Self::Other,
        }
    }
}

/// LaTeX commands that dress what they hold.
const DRESSING: [&[u8]; 26] = [
    b"text",
    b"textbf",
    b"textit",
    b"textrm",
    b"texttt",
    b"textsf",
    b"textnormal",
    b"mathrm",
    b"mathbf",
    b"mathit",
    b"mathtt",
    b"mathsf",
    b"operatorname",
    b"quad",
    b"qquad",
    b"left",
    b"right",
    b"displaystyle",
    b"bf",
    b"rm",
    b"tt",
    b"bold",
    b"boldsymbol",
    b"mbox",
    b"large",
    b"emph",
];

/// Follows the tokens of a text and tells which begin a command.
#[derive(Debug, Default, Clone, Copy)]
pub struct Commands {
    /// A backslash came last.
    open: bool,
}

impl Commands {
    /// Takes the next token; whether a command's backslash stands right before it.
    pub fn take(&mut self, text: &[u8], token: Token<'_>, span: &Range<usize>) -> bool {
        // `\\` ends a line, `\ ` is a space.
        let begins = token == Token::Mark(b'\\')
            && !self.open
            && text.get(span.end).is_some_and(|next| !next.is_ascii_whitespace());
        std::mem::replace(&mut self.open, begins)
    }
}

/// The contents of the outermost boxes, each with whether it was closed; an open one reaches to the end.
pub fn boxes(reply: &[u8]) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\\', &reply[from..]).map(|at| from + at) {
        from = at + 1;
        let Some(start) = box_start(reply, at) else { continue };
        let mut depth = 1_usize;
        let closed = memchr::memchr2_iter(b'{', b'}', &reply[start..]).map(|at| start + at).find(|&at| {
            if reply[at] == b'{' {
                depth += 1;
            } else {
                depth -= 1;
            }
            depth == 0
        });
        let end = closed.unwrap_or(reply.len());
        found.push((start..end, closed.is_some()));
        from = end; // what is inside is read with it
    }
    found
}

/// Where the content begins if a box does.
fn box_start(reply: &[u8], at: usize) -> Option<usize> {
    let rest = &reply[at + 1..];
    let rest = rest.strip_prefix(b"boxed").or_else(|| rest.strip_prefix(b"fbox"))?;
    let spaces = rest.iter().take(4).take_while(|byte| **byte == b' ').count();
    (rest.get(spaces) == Some(&b'{')).then(|| reply.len() - rest.len() + spaces + 1)
}
