//! What the words around a claim do to it.

/// What a word does, as a set of the constants of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone(u16);

/// Denies or hedges what its sentence says.
pub const DENY: Tone = Tone(1);
/// Speaks of what is to come, or of what lies beside a cell.
pub const ASIDE: Tone = Tone(1 << 1);
/// Leads to a step and says nothing itself.
pub const LEAD: Tone = Tone(1 << 2);
/// May stand between a cell and its digit.
pub const LINK: Tone = Tone(1 << 3);
/// Joins cells or digits to a list.
pub const JOIN: Tone = Tone(1 << 4);
/// Stands between the ends of a range.
pub const RANGE: Tone = Tone(1 << 5);
/// Counts: the number after it is no digit.
pub const COUNT: Tone = Tone(1 << 6);
/// Announces a sum.
pub const SUM: Tone = Tone(1 << 7);
/// The word "from".
pub const FROM: Tone = Tone(1 << 8);
/// The word "at".
pub const AT: Tone = Tone(1 << 9);
/// Announces a digit.
pub const READ: Tone = Tone(1 << 10);
/// The words "path" and "leads".
pub const PATH: Tone = Tone(1 << 11);
/// The word "sum".
pub const ADD: Tone = Tone(1 << 12);
/// Tells that a step follows the last one.
pub const NEXT: Tone = Tone(1 << 13);
/// Talk.
pub const TALK: Tone = Tone(0);

impl Tone {
    /// Whether it does any of these.
    #[inline]
    pub fn is(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a word does to what is said around it, in any case; [`TALK`] if it is none of the known ones.
pub fn tone(word: &[u8]) -> Tone {
    known(word).unwrap_or(TALK)
}

/// The same, if the word is known at all.
pub fn known(word: &[u8]) -> Option<Tone> {
    let mut lower = [0_u8; 16];
    let lower = lower.get_mut(..word.len())?;
    for (lower, letter) in lower.iter_mut().zip(word) {
        *lower = letter | 0x20;
    }
    WORDS.binary_search_by(|(known, _)| known.as_bytes().cmp(lower)).ok().map(|at| WORDS[at].1)
}

const LEADS: Tone = LEAD.and(READ);
const LINKS: Tone = LINK.and(LEAD);
const READS: Tone = LINK.and(LEAD).and(READ);
const COUNTS: Tone = COUNT.and(LEAD);
const JOINS: Tone = JOIN.and(LEAD);

/// In the order of the alphabet.
const WORDS: &[(&str, Tone)] = &[
    ("a", READS),
    ("above", ASIDE),
    ("absent", DENY),
    ("adjacent", ASIDE),
    ("after", JOIN),
    ("aint", DENY),
    ("allegedly", DENY),
    ("almost", DENY),
    ("also", JOIN),
    ("alternatively", DENY),
    ("altogether", SUM),
    ("ambiguous", DENY),
    ("an", READS),
    ("and", JOINS),
    ("anything", DENY),
    ("apparently", DENY),
    ("appears", LINK),
    ("approximately", DENY),
    ("are", LINK),
    ("arent", DENY),
    ("arguably", DENY),
    ("around", DENY),
    ("as", LINK),
    ("assume", DENY),
    ("assumed", DENY),
    ("assuming", DENY),
    ("at", AT.and(LINKS)),
    ("barely", DENY),
    ("be", ASIDE),
    ("bears", LINK),
    ("being", LINK),
    ("believe", DENY),
    ("below", ASIDE),
    ("beneath", ASIDE),
    ("beside", ASIDE),
    ("bet", DENY),
    ("between", ASIDE),
    ("blurred", DENY),
    ("blurry", DENY),
    ("by", JOIN),
    ("called", LINK),
    ("cannot", DENY),
    ("cant", DENY),
    ("carries", LINK),
    ("cell", COUNTS.and(LINK)),
    ("cells", COUNT),
    ("circa", DENY),
    ("column", LINK),
    ("columns", LINK),
    ("come", LEAD),
    ("comes", LEAD),
    ("conceivably", DENY),
    ("contain", LINK),
    ("containing", LINK),
    ("contains", READS),
    ("continue", LEAD.and(NEXT)),
    ("continues", LEAD.and(NEXT)),
    ("continuing", LEAD.and(NEXT)),
    ("contrary", DENY),
    ("could", DENY),
    ("denied", DENY),
    ("denies", DENY),
    ("deny", DENY),
    ("difference", ASIDE),
    ("digit", READS),
    ("digits", READS),
    ("displays", LINK),
    ("distance", ASIDE),
    ("doesnt", DENY),
    ("dont", DENY),
    ("doubt", DENY),
    ("doubtful", DENY),
    ("either", DENY),
    ("entry", COUNTS.and(LINK)),
    ("equals", LINK),
    ("estimate", DENY),
    ("estimated", DENY),
    ("eventually", ASIDE),
    ("except", DENY),
    ("excluding", DENY),
    ("expect", ASIDE),
    ("false", DENY),
    ("far", SUM),
    ("feel", DENY),
    ("feels", DENY),
    ("figure", LINK),
    ("finally", JOIN),
    ("find", LEADS.and(LINK)),
    ("followed", JOIN),
    ("for", LINK),
    ("found", LINK),
    ("from", FROM),
    ("get", LEADS.and(LINK)),
    ("given", LINK),
    ("gives", LINK),
    ("giving", LINK),
    ("go", LEAD),
    ("goes", LEAD),
    ("going", LEAD),
    ("got", LEADS.and(LINK)),
    ("guess", DENY),
    ("guessed", DENY),
    ("guessing", DENY),
    ("hardly", DENY),
    ("has", LINKS),
    ("have", LEADS.and(LINK)),
    ("having", LINK),
    ("here", LINKS),
    ("hold", LINK),
    ("holding", LINK),
    ("holds", READS),
    ("hope", DENY),
    ("hopefully", DENY),
    ("i", LINKS),
    ("if", DENY),
    ("illegible", DENY),
    ("imagine", DENY),
    ("impossible", DENY),
    ("in", LINKS),
    ("incorrect", DENY),
    ("incorrectly", DENY),
    ("index", COUNT),
    ("instead", DENY),
    ("intend", ASIDE),
    ("is", READS),
    ("isnt", DENY),
    ("it", LINKS),
    ("item", COUNTS),
    ("kind", DENY),
    ("kinda", DENY),
    ("labeled", LINK),
    ("labelled", LINK),
    ("lacking", DENY),
    ("lacks", DENY),
    ("later", ASIDE),
    ("leads", PATH.and(LEAD)),
    ("left", ASIDE),
    ("let", LEAD),
    ("lies", LINK),
    ("like", DENY),
    ("likely", DENY),
    ("line", COUNTS),
    ("lines", COUNT),
    ("ll", ASIDE),
    ("located", LINK),
    ("look", LEAD),
    ("looking", LEAD),
    ("m", LEAD),
    ("marked", LINK),
    ("may", DENY),
    ("maybe", DENY),
    ("me", LEAD),
    ("might", DENY),
    ("misread", DENY),
    ("missing", DENY),
    ("mistake", DENY),
    ("mistaken", DENY),
    ("mistakenly", DENY),
    ("move", COUNTS),
    ("moving", LEAD),
    ("must", DENY),
    ("my", LEAD),
    ("named", LINK),
    ("nearly", DENY),
    ("neighbor", ASIDE),
    ("neighboring", ASIDE),
    ("neighbour", ASIDE),
    ("neighbouring", ASIDE),
    ("neither", DENY),
    ("never", DENY),
    ("next", JOINS.and(NEXT)),
    ("no", DENY),
    ("nobody", DENY),
    ("none", DENY),
    ("nor", DENY),
    ("not", DENY),
    ("note", LEADS),
    ("noted", LINK),
    ("nothing", DENY),
    ("now", LEAD.and(NEXT)),
    ("nowhere", DENY),
    ("number", READS),
    ("of", LINKS),
    ("ok", LEAD),
    ("okay", LEAD),
    ("on", LEAD),
    ("or", DENY),
    ("order", LINK),
    ("otherwise", DENY),
    ("our", LEAD),
    ("path", PATH.and(LEAD)),
    ("perhaps", DENY),
    ("place", COUNT),
    ("placed", LINK),
    ("plan", ASIDE),
    ("planning", ASIDE),
    ("plans", ASIDE),
    ("point", COUNTS),
    ("position", COUNT),
    ("possible", DENY),
    ("possibly", DENY),
    ("potentially", DENY),
    ("presumably", DENY),
    ("printed", LINK),
    ("probable", DENY),
    ("probably", DENY),
    ("proceed", LEAD.and(NEXT)),
    ("proceeding", LEAD.and(NEXT)),
    ("product", ASIDE),
    ("rather", DENY),
    ("re", LEAD),
    ("read", READS),
    ("reading", COUNTS),
    ("reads", READS),
    ("reckon", DENY),
    ("respectively", LINK),
    ("right", ASIDE),
    ("roughly", DENY),
    ("row", LINK),
    ("rows", LINK),
    ("s", LINKS),
    ("says", LINK),
    ("scarcely", DENY),
    ("see", LEADS.and(LINK)),
    ("seem", DENY),
    ("seemingly", DENY),
    ("seems", DENY),
    ("seen", LINK),
    ("shall", ASIDE),
    ("should", DENY),
    ("show", LINK),
    ("showing", LINK),
    ("shows", LINK),
    ("sit", LINK),
    ("sits", LINK),
    ("so", LEAD),
    ("somewhat", DENY),
    ("soon", ASIDE),
    ("sort", DENY),
    ("sorta", DENY),
    ("stand", LINK),
    ("stands", LINK),
    ("step", COUNTS.and(NEXT)),
    ("steps", COUNT),
    ("stop", COUNTS),
    ("stores", LINK),
    ("subtotal", SUM),
    ("sum", SUM.and(ADD)),
    ("suppose", DENY),
    ("supposedly", DENY),
    ("supposing", DENY),
    ("suspect", DENY),
    ("take", LEADS),
    ("tally", SUM),
    ("tentatively", DENY),
    ("that", LINKS),
    ("the", READS),
    ("then", JOINS.and(NEXT)),
    ("there", LINKS),
    ("these", LINK),
    ("think", DENY),
    ("this", LINKS),
    ("those", LINK),
    ("thought", DENY),
    ("through", RANGE),
    ("thru", RANGE),
    ("till", RANGE),
    ("times", ASIDE),
    ("to", RANGE.and(LEAD)),
    ("total", SUM),
    ("twice", ASIDE),
    ("uncertain", DENY),
    ("unclear", DENY),
    ("under", LINK),
    ("unless", DENY),
    ("unlike", DENY),
    ("unlikely", DENY),
    ("unsure", DENY),
    ("until", RANGE),
    ("untrue", DENY),
    ("upcoming", ASIDE),
    ("us", LEAD),
    ("value", READS),
    ("values", READS),
    ("ve", LEAD),
    ("versus", DENY),
    ("visit", LEAD),
    ("visiting", LEAD),
    ("vs", DENY),
    ("want", ASIDE),
    ("was", LINK),
    ("wasnt", DENY),
    ("we", LINKS),
    ("well", LEAD),
    ("where", LINK),
    ("whether", DENY),
    ("which", LINKS),
    ("whose", LINKS),
    ("will", ASIDE),
    ("with", LINKS),
    ("without", DENY),
    ("wonder", DENY),
    ("wont", DENY),
    ("would", DENY),
    ("write", LEADS),
    ("written", LINK),
    ("wrong", DENY),
    ("wrongly", DENY),
    ("yields", LINK),
    ("you", LEAD),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_found_in_any_case() {
        assert!(WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (word, known) in WORDS {
            assert_eq!(tone(word.to_uppercase().as_bytes()), *known);
        }
        assert_eq!(tone(b"supercalifragilistic"), TALK);
    }
}
