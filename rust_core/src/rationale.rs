//! Worked steps as text, each with the place it takes and the skill it uses.

use crate::verdict::Skill;

/// Where a step stands in the rationale's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What the step does.
    pub skill: Skill,
}

/// A rationale: a complete, correct reply whose last line is `Answer: …`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rationale {
    /// The reply, without a newline at its end.
    pub text: String,
    /// Its steps, in order, not overlapping.
    pub steps: Vec<Worked>,
}

impl Rationale {
    /// Writes one step with `write`, and a newline before it unless the text is empty.
    pub fn step(&mut self, skill: Skill, write: impl FnOnce(&mut String)) {
        self.prose(|_| {});
        let start = self.text.len() as u32;
        write(&mut self.text);
        self.steps.push(Worked { start, end: self.text.len() as u32, skill });
    }

    /// Writes a line that is no step.
    pub fn prose(&mut self, write: impl FnOnce(&mut String)) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        write(&mut self.text);
    }
}

/// Appends a number in decimal, without going through a formatter.
pub fn push_number(out: &mut String, number: usize) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|&digit| char::from(digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_formatter_writes_them() {
        for number in [0, 7, 10, 99, 100, 12_345, usize::MAX] {
            let mut out = String::new();
            push_number(&mut out, number);
            assert_eq!(out, number.to_string());
        }
    }
}
