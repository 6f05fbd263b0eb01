//! What a reply says aloud, and what it only thinks: thoughts and special tokens are taken out, byte for byte, and
//! tags of sections become line ends.

use std::ops::Range;

/// A reply with its thoughts and special tokens blanked out, and the thoughts with all else blanked out. Both are
/// as long as the reply, so that places in them are places in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// What is said aloud.
    pub aloud: Vec<u8>,
    /// What is thought, if anything is.
    pub thought: Option<Vec<u8>>,
}

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// Begins a thought.
    Open,
    /// Ends one.
    Close,
    /// Begins or ends a section, by its place among [`SECTIONS`].
    Section(usize, bool),
    /// Says nothing: a model's special token, or bold type.
    Nothing,
}

/// Tags longer than this are words.
const LONGEST: usize = 48;

/// Names of thoughts, as models mark them.
const THOUGHTS: [&str; 8] =
    ["think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad", "analysis"];

/// Names of sections in angle brackets. What the last one holds is a place of the answer, which `places` reads.
pub const SECTIONS: [&str; 4] = ["plan", "transcribe", "reason", "answer"];
const ANSWER: usize = SECTIONS.len() - 1;

/// The tag of a section: which by its place among [`SECTIONS`], whether it ends it, and the tag's own bytes.
pub type Section = (usize, bool, Range<usize>);

/// Single names in angle brackets that say nothing.
const SILENT: [&str; 31] = [
    "s",
    "eos",
    "bos",
    "pad",
    "unk",
    "eot",
    "eod",
    "sep",
    "cls",
    "mask",
    "endoftext",
    "b",
    "i",
    "u",
    "em",
    "strong",
    "p",
    "br",
    "code",
    "pre",
    "div",
    "span",
    "center",
    "sub",
    "sup",
    "li",
    "ul",
    "ol",
    "tt",
    "small",
    "big",
];

/// What stands in angle brackets and the like.
#[derive(Debug, Default)]
struct Tags {
    /// Tags that say nothing themselves.
    silent: Vec<Range<usize>>,
    /// From tag to tag.
    thoughts: Vec<Range<usize>>,
    sections: Vec<Section>,
}

impl Tags {
    fn of(reply: &[u8]) -> Self {
        let mut tags = Self::default();
        let mut open: Option<usize> = None;
        let mut from = 0;
        for at in memchr::memchr3_iter(b'<', b'[', 0xE2, reply) {
            if at < from {
                continue;
            }
            let Some((tag, end)) = tag(reply, at) else { continue };
            from = end;
            if let Tag::Section(which, closes) = tag {
                tags.sections.push((which, closes, at..end));
                continue;
            }
            tags.silent.push(at..end);
            match (tag, open) {
                (Tag::Open, None) => open = Some(at),
                (Tag::Close, Some(start)) => {
                    tags.thoughts.push(start..end);
                    open = None;
                }
                // What was begun in the prompt ends here.
                (Tag::Close, None) => {
                    tags.thoughts.clear();
                    tags.thoughts.push(0..end);
                }
                (Tag::Open, Some(_)) | (Tag::Nothing | Tag::Section(..), _) => {}
            }
        }
        tags.thoughts.extend(open.map(|start| start..reply.len()));
        tags
    }
}

/// The tags of sections that are said aloud, in order.
pub fn sections(reply: &[u8]) -> Vec<Section> {
    let Tags { thoughts, mut sections, .. } = Tags::of(reply);
    sections.retain(|(_, _, span)| {
        let near = thoughts.partition_point(|thought| thought.end <= span.start);
        thoughts.get(near).is_none_or(|thought| span.start < thought.start)
    });
    sections
}

/// Takes thoughts and special tokens out, and makes line ends of the tags of sections but the answer's; `None` where
/// there are none.
pub fn mask(reply: &[u8]) -> Option<Masked> {
    let Tags { silent, thoughts, mut sections } = Tags::of(reply);
    sections.retain(|&(which, ..)| which != ANSWER);
    if silent.is_empty() && sections.is_empty() {
        return None;
    }
    let mut aloud = reply.to_vec();
    for span in silent.iter().chain(sections.iter().map(|(.., span)| span)) {
        aloud[span.clone()].fill(b' ');
    }
    // What stands on the line of such a tag is a line of its own.
    for (.., span) in &sections {
        aloud[span.start] = b'\n';
        aloud[span.end - 1] = b'\n';
    }
    if thoughts.is_empty() {
        return Some(Masked { aloud, thought: None });
    }
    let mut thought = vec![b' '; reply.len()];
    for span in &thoughts {
        thought[span.clone()].copy_from_slice(&aloud[span.clone()]);
        aloud[span.clone()].fill(b' ');
        for border in [span.start, span.end - 1] {
            aloud[border] = b'\n';
            thought[border] = b'\n';
        }
    }
    Some(Masked { aloud, thought: Some(thought) })
}

/// The tag that starts here, and where it ends.
fn tag(reply: &[u8], at: usize) -> Option<(Tag, usize)> {
    let text = &reply[at..reply.len().min(at + LONGEST)];
    let (name, end) = match text {
        // <|name|> and <｜name｜>
        [b'<', b'|', ..] => until(text, 2, b"|>")?,
        [b'<', 0xEF, 0xBD, 0x9C, ..] => until(text, 4, "｜>".as_bytes())?,
        [b'<', ..] => {
            let (name, end) = until(text, 1, b">")?;
            return Some((plain(name)?, at + end));
        }
        [b'[', ..] => {
            let (name, end) = until(text, 1, b"]")?;
            return Some((bracketed(name)?, at + end));
        }
        // ◁think▷
        [0xE2, 0x97, 0x81, ..] => {
            let (name, end) = until(text, 3, "▷".as_bytes())?;
            return Some((thought(name)?, at + end));
        }
        _ => return None,
    };
    if name.is_empty()
        || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-/. ".contains(byte) || *byte >= 0x80)
    {
        return None;
    }
    if name.eq_ignore_ascii_case(b"channel") {
        return Some(channel(text, at, end));
    }
    let named = name.strip_prefix(b"/").map_or((Tag::Open, name), |rest| (Tag::Close, rest));
    let (does, rest) = match named {
        (Tag::Open, rest) if starts(rest, "begin_of_") => (Tag::Open, &rest[9..]),
        (Tag::Open, rest) if starts(rest, "start_of_") => (Tag::Open, &rest[9..]),
        (Tag::Open, rest) if starts(rest, "end_of_") => (Tag::Close, &rest[7..]),
        other => other,
    };
    Some((if is_thought(rest) { does } else { Tag::Nothing }, at + end))
}

/// `<|channel|>analysis<|message|>`: the channel's name belongs to the tag.
fn channel(text: &[u8], at: usize, end: usize) -> (Tag, usize) {
    let name = &text[end..];
    let length = name.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(name.len());
    let tag = match &name[..length] {
        b"analysis" | b"commentary" => Tag::Open,
        b"final" => Tag::Close,
        _ => return (Tag::Nothing, at + end),
    };
    (tag, at + end + length)
}

/// The name before `close`, and where that ends.
fn until<'a>(text: &'a [u8], from: usize, close: &[u8]) -> Option<(&'a [u8], usize)> {
    let length = memchr::memmem::find(&text[from..], close)?;
    Some((&text[from..from + length], from + length + close.len()))
}

fn starts(name: &[u8], with: &str) -> bool {
    name.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
}

fn is_thought(name: &[u8]) -> bool {
    // `seed:think` names the house as well.
    let name = memchr::memrchr(b':', name).map_or(name, |colon| &name[colon + 1..]);
    THOUGHTS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// `think`, `/think`, with spaces around.
fn thought(name: &[u8]) -> Option<Tag> {
    let name = name.trim_ascii();
    match name.strip_prefix(b"/") {
        Some(rest) => is_thought(rest.trim_ascii()).then_some(Tag::Close),
        None => is_thought(name).then_some(Tag::Open),
    }
}

/// In angle brackets.
fn plain(name: &[u8]) -> Option<Tag> {
    if let Some(tag) = thought(name) {
        return Some(tag);
    }
    let bare = name.strip_prefix(b"/").unwrap_or(name);
    if let Some(which) = SECTIONS.iter().position(|known| bare.eq_ignore_ascii_case(known.as_bytes())) {
        return Some(Tag::Section(which, bare.len() < name.len()));
    }
    let bare = bare.strip_suffix(b"/").unwrap_or(bare).trim_ascii();
    let silent = SILENT.iter().any(|known| bare.eq_ignore_ascii_case(known.as_bytes()))
        || (["end_of_", "start_of_", "begin_of_"].iter().any(|with| starts(bare, with))
            && bare.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'));
    silent.then_some(Tag::Nothing)
}

/// In square brackets.
fn bracketed(name: &[u8]) -> Option<Tag> {
    // A list of moves is in square brackets too, so only capitals are tags.
    if !name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'/') {
        return None;
    }
    thought(name)
        .or_else(|| matches!(name, b"INST" | b"/INST" | b"EOS" | b"BOS" | b"PAD" | b"SEP").then_some(Tag::Nothing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aloud(reply: &str) -> String {
        let said = mask(reply.as_bytes()).map_or_else(|| reply.as_bytes().to_vec(), |masked| masked.aloud);
        String::from_utf8(said).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn thoughts_are_taken_out() {
        for reply in [
            "a <think>x</think> b",
            "a <THINKING>x y\n</THINKING>b",
            "x</think>a b",
            "x <think> y </think> z </think> a b",
            "a b<think>x",
            "a [THINK]x[/THINK] b",
            "◁think▷x◁/think▷a b",
            "<|begin_of_thought|>x<|end_of_thought|>a b",
            "<|channel|>analysis<|message|>x<|end|><|start|><|channel|>final<|message|>a b<|return|>",
            "a<think>x <think> y</think> b",
            "a<reasoning>x</reasoning> b</s>",
        ] {
            assert_eq!(aloud(reply), "a b", "{reply}");
        }
    }

    #[test]
    fn special_tokens_say_nothing_and_words_stay() {
        for reply in [
            "a b<|im_end|>",
            "a b<|eot_id|></s>",
            "<s>a<br/> b",
            "<|begin_of_box|>a b<|end_of_box|>",
            "a<｜end▁of▁sentence｜>b",
        ] {
            assert_eq!(aloud(reply), "a b", "{reply}");
        }
        for reply in ["a <answer>b</answer>", "3 < 4 > 2", "[up, down]", "[UP]", "<down>", "a <|x b", "<think"] {
            assert_eq!(aloud(reply), reply, "{reply}");
        }
    }

    #[test]
    fn tags_of_sections_are_line_ends() {
        let said = mask(b"a<plan>b</plan><REASON>c\n</reason>d<answer>e").unwrap().aloud;
        let lines = said.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        assert_eq!(lines.collect::<Vec<_>>(), [&b"a"[..], b"b", b"c", b"d<answer>e"]);
        // Within a thought as well.
        let masked = mask(b"<think>a<plan>b</think>c").unwrap();
        assert_eq!(masked.thought.unwrap().trim_ascii(), b"a\n    \nb");
    }

    #[test]
    fn sections_in_thoughts_are_none() {
        let found =
            sections(b"<plan>x</plan></think><plan>a</Plan><think><answer>x</think><answer>b</answer><reason/>");
        let named: Vec<_> = found.iter().map(|(which, closes, span)| (SECTIONS[*which], *closes, span.start)).collect();
        assert_eq!(named, [("plan", false, 22), ("plan", true, 29), ("answer", false, 60), ("answer", true, 69)]);
        assert!(sections(b"a <plans> < plan> <plan <think><plan>").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn places_stay(bytes in "([<>|/\\[\\]a ]|think|</think>|<think>|<plan>|</reason>|<\\|im_end\\|>|▷|◁){0,40}") {
            if let Some(masked) = mask(bytes.as_bytes()) {
                assert_eq!(masked.aloud.len(), bytes.len());
                for (at, byte) in bytes.bytes().enumerate() {
                    let thought = masked.thought.as_ref().map_or(b' ', |thought| thought[at]);
                    let aloud = masked.aloud[at];
                    assert!(aloud.is_ascii_whitespace() || (aloud == byte && thought.is_ascii_whitespace()));
                }
            }
        }
    }
}
