//! The words that rationales are made of, told apart by their first eight letters.

use Meaning::{
    Aside, Choice, Circle, Common, Consistent, Diagonal, Example, Facing, Family, Filler, Gray, Hedge, In, Is, Line, Loose,
    Not, Number, On, Pane, Panel, Query, Row, Rule, Rules, Says, Shade, Shape, Side, Value, Vee,
};

use super::relations::{Attribute, Relation};

/// What a word means in a rationale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing here.
    Noise,
    /// Starts a claim about an example.
    Example,
    /// Starts a claim about the query.
    Query,
    /// Starts a claim about an option.
    Choice,
    /// Starts the common rule.
    Rule,
    /// Several relations.
    Rules,
    /// May come before `Rule`.
    Common,
    /// A word that may stand before the start of a claim.
    Filler,
    /// Lines or shapes.
    Family(bool),
    /// An attribute.
    Attribute(Attribute),
    /// A relation.
    Relation(Relation),
    /// AND or OR: words of ordinary sentences as well.
    Loose(Relation),
    /// No relation.
    None,
    /// Stands before a relation.
    Is,
    /// Turns the next claim around.
    Not,
    /// Takes back what is said around it: nothing is claimed there.
    Hedge,
    /// Speaks of what is to come or of others: a sentence of its own words claims nothing with it.
    Aside,
    /// Introduces what is said.
    Says,
    /// Stands before a domain.
    On,
    /// Stands before an example that a domain is of.
    In,
    /// The word before a panel's letter.
    Pane,
    /// An option fits, or does not.
    Consistent(bool),
    /// Panel A, B or C.
    Panel(u8),
    /// A value of one attribute.
    Value(Attribute, u8),
    /// A shape type.
    Shape(u8),
    /// A line type.
    Line(u8),
    /// Circle, a type of both.
    Circle,
    /// The line type V, whose direction follows.
    Vee,
    /// Belongs to the line type before it.
    Diagonal,
    /// `dark` or `light`, before gray.
    Shade(u8),
    /// Gray, by itself or shaded.
    Gray,
    /// A row of slots, by its first slot.
    Row(u8),
    /// A column of slots, or the direction of a V.
    Side(u8, Option<u8>),
    /// A direction of a V only.
    Facing(u8),
    /// A number in words.
    Number(u8),
}

/// Every word by what it means. Of longer words the first eight letters count.
#[rustfmt::skip]
const WORDS: &[(&[&str], Meaning)] = &[
    (&["example", "examples", "ex", "e"], Example),
    (&["query", "q"], Query),
    (&["option", "opt", "o", "choice"], Choice),
    (&["rule"], Rule),
    (&["relation"], Rule),
    (&["rules"], Rules),
    (&["common", "shared"], Common),
    (&["so", "therefor", "thus", "hence", "then", "now", "the", "this", "step", "finally", "next", "first", "second", "here", "okay", "ok", "well", "also", "point"], Filler),
    (&["line", "lines"], Family(true)),
    (&["shape", "shapes"], Family(false)),
    (&["type", "types"], Meaning::Attribute(Attribute::Type)),
    (&["color", "colors", "colour", "colours"], Meaning::Attribute(Attribute::Color)),
    (&["size", "sizes"], Meaning::Attribute(Attribute::Size)),
    (&["quantity", "quantiti", "number", "count"], Meaning::Attribute(Attribute::Quantity)),
    (&["position", "slot", "slots"], Meaning::Attribute(Attribute::Position)),
    (&["and"], Loose(Relation::And)),
    (&["or"], Loose(Relation::Or)),
    (&["xor"], Meaning::Relation(Relation::Xor)),
    (&["progress"], Meaning::Relation(Relation::Progression)),
    (&["none", "no"], Meaning::None),
    (&["is", "holds", "shows"], Is),
    (&["not", "never", "t", "isnt", "arent", "wasnt", "doesnt", "dont", "cannot", "cant", "neither", "nor", "nothing", "hardly", "scarcely", "barely", "fails", "fail", "lacks", "lack", "without"], Not),
    (&["maybe", "perhaps", "might", "may", "could", "would", "should", "must", "possibly", "possible", "probably", "probable", "presumab", "potentia", "apparent", "alleged", "supposed", "supposin", "unsure", "uncertai", "unclear", "suppose", "assume", "assumed", "assuming", "whether", "if", "unless", "think", "thought", "believe", "guess", "guessed", "guessing", "suspect", "doubt", "doubtful", "likely", "unlikely", "seems", "seem", "seemingl", "appears", "appear", "feel", "feels", "hope", "hopefull", "imagine", "pretend", "wonder", "reckon", "conceiva", "tentativ", "arguably", "ambiguou", "roughly", "approxim", "almost", "nearly", "somewhat", "kinda", "sorta", "either", "alternat", "otherwis", "instead", "rather", "unlike", "except", "false", "falsely", "wrong", "wrongly", "incorrec", "mistake", "mistaken", "misread", "untrue", "impossib", "contrary", "denies", "deny", "denied", "claims", "claim", "claimed", "tempting", "distract", "hypothes", "hypothet", "contradi", "disprove", "refute", "refuted", "reject", "rejected", "ruled", "candidat", "rival", "rivals", "trap", "decoy"], Hedge),
    (&["will", "ll", "shall", "going", "plan", "planning", "intend", "later", "soon", "other", "others", "than", "but", "apart", "besides", "opposite", "exclusiv", "inclusiv", "remains", "check", "checking", "test", "testing", "try", "trying", "consider", "compare", "comparin", "let", "want", "need", "every", "any", "each", "previous", "differs", "differen", "half", "some", "only", "missing", "beyond", "before", "until", "above", "below", "least", "most"], Aside),
    (&["that", "read", "reads", "find", "finds", "get", "gets", "note", "see", "sees", "have", "write", "conclude", "infer", "deduce", "obtain", "yields", "gives", "follows"], Says),
    (&["on"], On),
    (&["in"], In),
    (&["panel", "panels"], Pane),
    (&["consiste"], Consistent(true)),
    (&["inconsis"], Consistent(false)),
    (&["a"], Panel(0)),
    (&["b"], Panel(1)),
    (&["c"], Panel(2)),
    (&["circle", "circles"], Circle),
    (&["square", "squares"], Shape(1)),
    (&["triangle"], Shape(2)),
    (&["pentagon"], Shape(3)),
    (&["hexagon", "hexagons"], Shape(4)),
    (&["falling"], Line(0)),
    (&["rising"], Line(1)),
    (&["diagonal"], Diagonal),
    (&["horizont"], Line(2)),
    (&["vertical"], Line(3)),
    (&["diamond", "diamonds"], Line(4)),
    (&["v"], Vee),
    (&["up"], Facing(6)),
    (&["down"], Facing(8)),
    (&["black"], Value(Attribute::Color, 0)),
    (&["dark"], Shade(1)),
    (&["gray", "grey"], Gray),
    (&["light"], Shade(3)),
    (&["white"], Value(Attribute::Color, 4)),
    (&["small"], Value(Attribute::Size, 0)),
    (&["medium"], Value(Attribute::Size, 1)),
    (&["large"], Value(Attribute::Size, 2)),
    (&["huge"], Value(Attribute::Size, 3)),
    (&["top", "upper"], Row(0)),
    (&["middle"], Row(3)),
    (&["bottom", "lower"], Row(6)),
    (&["left"], Side(0, Some(7))),
    (&["center", "centre"], Side(1, None)),
    (&["right"], Side(2, Some(9))),
    (&["one"], Number(1)),
    (&["two"], Number(2)),
    (&["three"], Number(3)),
    (&["four"], Number(4)),
    (&["five"], Number(5)),
    (&["six"], Number(6)),
    (&["seven"], Number(7)),
    (&["eight"], Number(8)),
    (&["nine"], Number(9)),
];

const SLOTS: usize = 1024;

/// The words again, each in the first free slot from where its letters send it.
static TABLE: [(u64, Meaning); SLOTS] = {
    let mut table = [(0, Meaning::Noise); SLOTS];
    let mut i = 0;
    while i < WORDS.len() {
        let (names, meaning) = WORDS[i];
        let mut j = 0;
        while j < names.len() {
            let key = key(names[j].as_bytes());
            let mut slot = slot(key);
            while table[slot].0 != 0 {
                assert!(table[slot].0 != key, "a word is listed twice");
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = (key, meaning);
            j += 1;
        }
        i += 1;
    }
    table
};

const fn slot(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize
}

/// The lower-case letters of a word, up to eight, as one number.
const fn key(word: &[u8]) -> u64 {
    let mut key = 0;
    let mut i = 0;
    while i < word.len() && i < 8 {
        key |= ((word[i] | 0x20) as u64) << (8 * i);
        i += 1;
    }
    key
}

/// As [`key`], of the letters that start at `at`, in one load where the text goes on long enough.
#[inline]
fn key_at(text: &[u8], at: usize, length: usize) -> u64 {
    match text.get(at..at + 8) {
        Some(bytes) if length < 8 => {
            let all = u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken"));
            (all | 0x2020_2020_2020_2020) & !(u64::MAX << (8 * length))
        }
        Some(bytes) => u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken")) | 0x2020_2020_2020_2020,
        None => key(&text[at..at + length]),
    }
}

/// What the word of ASCII letters that takes `length` bytes of `text` from `at` on means.
#[inline]
pub fn meaning_at(text: &[u8], at: usize, length: usize) -> Meaning {
    let key = key_at(text, at, length);
    let mut slot = slot(key);
    loop {
        let (known, meaning) = TABLE[slot];
        if known == key {
            return meaning;
        }
        if known == 0 {
            return Meaning::Noise;
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// What a word of ASCII letters means.
pub fn meaning(word: &[u8]) -> Meaning {
    meaning_at(word, 0, word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_any_case_and_number() {
        assert_eq!(meaning(b"Triangles"), Meaning::Shape(2));
        assert_eq!(meaning(b"PROGRESSION"), Meaning::Relation(Relation::Progression));
        assert_eq!(meaning(b"inconsistent"), Meaning::Consistent(false));
        assert_eq!(meaning(b"Type"), Meaning::Attribute(Attribute::Type));
        assert_eq!(meaning(b"elephant"), Meaning::Noise);
        for (names, meant) in WORDS {
            for name in *names {
                for around in ["", " and so on, at length"] {
                    assert_eq!(meaning_at(format!("{name}{around}").as_bytes(), 0, name.len()), *meant, "{name}");
                }
            }
        }
    }
}
