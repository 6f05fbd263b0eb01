//! How the steps of a rationale are judged.

use proptest::prelude::*;

use super::{Problem, addresses, at, cases, detour, free_text::PREFACES, judged};
use crate::{
    task::Instance,
    tasks::grid_navigation::{lines::{Line, terse}, own::own, shapes::shaped, terms::terms},
    verdict::{Reason, Skill, State, Verdict},
};

/// A reason for each step, `None` where it is right.
fn reasons(verdict: &Verdict) -> Vec<(Skill, State, Reason)> {
    verdict.steps.iter().map(|step| (step.skill, step.state, step.reason)).collect()
}

/// Another cell in place of the last one that a line names.
fn with_another_cell(line: &str, rows: u8) -> Option<String> {
    let bytes = line.as_bytes();
    let is_cell = |at: usize| {
        let bare = |at: usize| !bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        let letter = |at: usize| bytes.get(at).is_some_and(|byte| (b'a'..=b'p').contains(byte));
        letter(at) && (at == 0 || bare(at - 1)) && letter(at + 1) && bare(at + 2)
            || (at > 0 && bytes[at - 1] == b'(' && letter(at) && bytes[at + 1] == b',')
    };
    let place = (0..bytes.len()).rev().find(|&at| is_cell(at))?;
    let mut out = bytes.to_vec();
    out[place] = if bytes[place] == b'a' + rows - 1 { b'a' } else { bytes[place] + 1 };
    Some(String::from_utf8(out).unwrap())
}

fn with_another_heading(line: &str) -> Option<String> {
    let turned = [("up", "down"), ("down", "left"), ("left", "right"), ("right", "up")];
    let word = line.split([' ', ':']).find(|word| turned.iter().any(|(from, _)| from == word))?;
    let (from, to) = turned.iter().find(|(from, _)| *from == word)?;
    Some(line.replacen(from, to, 1))
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn own_steps_are_right_and_in_their_places(address in addresses()) {
        let problem = at(&address);
        let rationale = problem.rationale();
        let verdict = judged(&problem, &rationale.text);
        for step in &verdict.steps {
            let claim = &rationale.text[step.start as usize..step.end as usize];
            prop_assert_eq!(step.state, State::Ok, "{:?} {}", step.reason, claim);
        }
        let own: Vec<_> = rationale.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
        let found: Vec<_> = verdict.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
        prop_assert_eq!(own, found, "{}", rationale.text);
    }

    #[test]
    fn looser_writing_is_the_same_steps(address in addresses()) {
        let problem = at(&address);
        let rationale = problem.rationale();
        let loose: Vec<String> = rationale
            .text
            .lines()
            .enumerate()
            .map(|(at, line)| match at % 4 {
                0 => format!("  {}. {line}  \r", at + 1),
                1 => format!("- **{}**", line.to_uppercase().replace("ANSWER", "Answer")),
                2 => format!("\nStep {at} => {}", line.replace(", ", ",")),
                _ => format!("* {line} "),
            })
            .collect();
        let verdict = judged(&problem, &loose.join("\n"));
        let skills: Vec<_> = rationale.steps.iter().map(|step| (step.skill, State::Ok, Reason::None)).collect();
        prop_assert_eq!(reasons(&verdict), skills, "{}", loose.join("\n"));
    }

    #[test]
    fn a_corrupted_step_is_an_error_behind_any_preface(
        address in addresses(),
        which: prop::sample::Index,
        turn: bool,
        preface in prop::sample::select(&PREFACES),
    ) {
        let problem = at(&address);
        let text = problem.rationale().text;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let place = which.index(lines.len() - 1);
        let rows = problem.rows as u8;
        let other = if turn { with_another_heading(&lines[place]) } else { None };
        let Some(other) = other.or_else(|| with_another_cell(&lines[place], rows)) else { return Ok(()) };
        // `Move 1: ca to cb` may be a move.
        if other == lines[place] || (other.len() == 8 && other.contains(" to ")) {
            return Ok(());
        }
        lines[place] = other;
        let reply: Vec<String> = lines[..lines.len() - 1].iter().map(|line| format!("{preface}{line}")).collect();
        let reply = reply.join("\n");
        let verdict = judged(&problem, &reply);
        prop_assert_eq!(verdict.first_error(), Some(place), "{}", reply);
    }

    #[test]
    fn the_first_corrupted_step_is_the_first_error(address in addresses(), which: prop::sample::Index, turn: bool) {
        let problem = at(&address);
        let rationale = problem.rationale();
        let mut lines: Vec<String> = rationale.text.lines().map(str::to_owned).collect();
        // Every line is a step; the last is the answer.
        prop_assert_eq!(lines.len(), rationale.steps.len());
        let place = which.index(lines.len() - 1);
        let other = if turn { with_another_heading(&lines[place]) } else { None };
        let rows = problem.rows as u8;
        let Some(other) = other.or_else(|| with_another_cell(&lines[place], rows)) else { return Ok(()) };
        prop_assume!(other != lines[place]);
        let was = std::mem::replace(&mut lines[place], other);
        let reply = lines.join("\n");
        let verdict = judged(&problem, &reply);
        prop_assert_eq!(verdict.first_error(), Some(place), "{} -> {}\n{}", was, lines[place], reply);
        let step = verdict.steps[place];
        prop_assert_eq!(&reply[step.start as usize..step.end as usize], lines[place].trim());
    }
}

#[test]
fn misreadings_have_their_reasons() {
    let problem = detour();
    let first = |reply: &str| {
        let step = judged(&problem, reply).steps[0];
        (step.skill, step.state, step.reason)
    };
    let wrong = |skill, reason| (skill, State::Wrong, reason);
    assert_eq!(first("bc to ba"), (Skill::Locate, State::Ok, Reason::None));
    assert_eq!(first("bb to ba"), wrong(Skill::Locate, Reason::WrongCell));
    assert_eq!(first("bc to bd"), wrong(Skill::Locate, Reason::WrongCell));
    assert_eq!(first("avoid aa bb"), (Skill::Avoid, State::Ok, Reason::None));
    assert_eq!(first("avoid aa"), wrong(Skill::Avoid, Reason::Incomplete));
    assert_eq!(first("avoid none"), wrong(Skill::Avoid, Reason::Incomplete));
    assert_eq!(first("avoid aa bb cc"), wrong(Skill::Avoid, Reason::WrongContents));
    assert_eq!(first("Avoid the cross at (a, a), the dot at (b, b)."), wrong(Skill::Avoid, Reason::WrongContents));
    assert_eq!(first("Avoid the plus at (a, a), the dot at (b, b)."), (Skill::Avoid, State::Ok, Reason::None));
    assert_eq!(first("bc left bb"), wrong(Skill::Move, Reason::Obstacle));
    assert_eq!(first("bc right bd"), wrong(Skill::Move, Reason::OffGrid));
    assert_eq!(first("bc up cc"), wrong(Skill::Move, Reason::WrongTarget));
    assert_eq!(first("cc left cb"), wrong(Skill::Move, Reason::WrongOrigin));
    assert_eq!(first("bc down cz"), wrong(Skill::Move, Reason::NoSuchName));
    assert_eq!(first("bc down cc heart"), wrong(Skill::Collect, Reason::WrongContents));
    assert_eq!(first("From (b, c) go down to (c, c), the destination."), wrong(Skill::Move, Reason::WrongContents));
    assert_eq!(first("From (b, c) go down to (c, c)."), (Skill::Move, State::Ok, Reason::None));
    assert_eq!(first("go down to cc"), (Skill::Move, State::Ok, Reason::None));
    assert_eq!(first("bc left bb closed dot"), (Skill::Avoid, State::Ok, Reason::None));
    assert_eq!(first("bc left bb closed cross"), wrong(Skill::Avoid, Reason::WrongContents));
    assert_eq!(first("bc left bb okay"), wrong(Skill::Move, Reason::Obstacle));
    assert_eq!(first("bc right outside"), wrong(Skill::Avoid, Reason::OutOfOrder));
    assert_eq!(first("bc up ac visited"), wrong(Skill::Avoid, Reason::WrongCheck));
    assert_eq!(first("bc retrace cc"), wrong(Skill::NextCell, Reason::WrongRetrace));
    assert_eq!(first("reach ac ab bc ca cb cc ba"), (Skill::NextCell, State::Ok, Reason::None));
    assert_eq!(first("reach ac ab bc ca cb cc"), wrong(Skill::NextCell, Reason::Incomplete));
    assert_eq!(first("lost destination ba"), wrong(Skill::Avoid, Reason::WrongConclusion));
}

#[test]
fn judging_goes_on_after_a_wrong_step() {
    let problem = detour();
    let told = |reply: &str| reasons(&judged(&problem, reply)).into_iter().map(|(_, state, reason)| (state, reason));
    let ok = (State::Ok, Reason::None);
    // A wrong target that is free: the walk goes on from there.
    assert!(told("bc down cb\ncb left ca\nca up ba").eq([(State::Wrong, Reason::WrongTarget), ok, ok]));
    // A wrong origin: the line itself shows where the walker is then.
    assert!(told("cc left cb\ncb left ca").eq([(State::Wrong, Reason::WrongOrigin), ok]));
    // Into an obstacle: nothing is known, until a sound line.
    assert!(told("bc left bb\nbb left ba\ncb left ca\nca up ba").eq([
        (State::Wrong, Reason::Obstacle),
        (State::Unsupported, Reason::AfterError),
        (State::Unsupported, Reason::AfterError),
        ok,
    ]));
    // The same in a depth-first trace.
    assert!(told("bc left bb okay\nleft: ba okay\ncb left ca okay\nca up ba okay\nca up ba okay").eq([
        (State::Wrong, Reason::Obstacle),
        (State::Unsupported, Reason::AfterError),
        (State::Unsupported, Reason::AfterError),
        ok,
        (State::Wrong, Reason::Extra),
    ]));
    // Repetition is no error, and flagged; what is told after the first move is out of order.
    let again = judged(&problem, "bc to ba\nbc to ba\navoid aa bb\navoid aa bb\nbc down cc\ncc up bc");
    assert!(again.steps.iter().all(|step| step.state == State::Ok));
    assert_eq!(again.steps.iter().map(|step| step.repeated).collect::<Vec<_>>(), [false, true, false, true, false, true]);
    assert!(told("bc down cc\navoid aa bb").eq([ok, (State::Wrong, Reason::OutOfOrder)]));
}

#[test]
fn judging_is_linear() {
    // Twice around and back again, far from any trace: every line is looked at for a bounded time.
    let problem = detour();
    for line in ["bc down cc okay", "At (a, b):", "bc retrace ab", "reach aa bb", "bc to ba", "ca up ba", "Answer: up"]
    {
        let lines = 60_000;
        let reply = format!("{line}\nac left ab okay\n").repeat(lines / 2);
        assert!(judged(&problem, &reply).steps.len() > lines / 3, "{line}");
    }
}

#[test]
fn talk_is_no_step() {
    let problem = detour();
    for reply in [
        "Let me look at the grid.",
        "I should go right, then up.",
        "Avoid obstacles and collect everything!",
        "a & plus & O & O\nb & D & dot & S",
        "The start is sky blue and the destination is dark green.",
        "so: up, down, left, right",
        "Not sure. Nothing is there. At last.",
        "In a row, no one can be on it.",
    ] {
        assert_eq!(reasons(&judged(&problem, reply)), [], "{reply}");
    }
}

#[test]
fn the_final_answer_is_a_step() {
    let problem = detour();
    let verdict = judged(&problem, "Hm.\n  **Answer:** down, left, left, up \nDone.");
    assert_eq!(reasons(&verdict), [(Skill::Conclude, State::Ok, Reason::None)]);
    let verdict = judged(&problem, "Hm.\n<answer>\nup\n</answer>\nbc down cc");
    assert_eq!(
        reasons(&verdict),
        [(Skill::Conclude, State::Wrong, Reason::WrongConclusion), (Skill::Move, State::Ok, Reason::None)]
    );
}

#[test]
fn the_other_format_is_judged_as_well() {
    for index in 0..200 {
        let of = |wording: &str| at(&format!("hard_unsolvable?{wording}#train:0:{index}"));
        let problem = of("style=full&trace=path");
        for wording in ["style=terse&trace=path", "style=terse&trace=dfs", "style=full&trace=dfs&survey=true"] {
            let verdict = judged(&problem, &of(wording).rationale().text);
            assert!(verdict.steps.iter().all(|step| step.state == State::Ok), "{index} {wording}");
        }
    }
}

/// A line as it is read word by word.
fn by_words(problem: &Problem, line: &str) -> Option<Line> {
    let (mut words, mut shapes) = (Vec::new(), Vec::new());
    terms(line.as_bytes(), &mut words)?;
    shaped(problem, line.as_bytes(), &words, &mut shapes);
    assert!(shapes.len() < 2, "{line}");
    shapes.pop().map(|shape| shape.line)
}

#[test]
fn terse_lines_are_read_alike_at_once_and_word_by_word() {
    let problem = at("hard?rows=16&columns=16#train:0:0");
    let cells = ["ca", "up", "ec", "mn", "pp"];
    let tails =
        ["", " heart", " closed dot", " okay heart", " later star", " okay okay", " to", " visited ab", " x", " not", " star heart"];
    let mut read = 0;
    for origin in cells {
        for heading in ["up", "down", "left", "right", "upp", "ab"] {
            for target in cells {
                for tail in tails {
                    let text = format!("{origin} {heading} {target}{tail}");
                    if let Some(line) = terse(text.as_bytes()) {
                        read += 1;
                        assert_eq!(format!("{:?}", Some(line)), format!("{:?}", by_words(&problem, &text)), "{text}");
                    }
                }
            }
        }
    }
    assert!(read > 300, "{read}");
}

#[test]
fn our_own_lines_are_read_alike_at_once_and_word_by_word() {
    let mut at_once = 0;
    for index in 0..300 {
        for wording in super::WORDINGS {
            let problem = at(&format!("hard_unsolvable{wording}#train:0:{index}"));
            for line in problem.rationale().text.lines() {
                let Some(read) = own(&problem, line.as_bytes()) else { continue };
                let words = by_words(&problem, line);
                assert_eq!(format!("{:?}", Some(read)), format!("{words:?}"), "{line}");
                at_once += 1;
            }
        }
    }
    assert!(at_once > 30_000, "{at_once}");
}
