//! Answers that list cells with their digits: their words, what is read as one, and how each item is judged.

use proptest::prelude::*;

use super::super::{
    names::Names,
    problem::{Answer, Ask, Ends, Order, Spelling},
    *,
};
use super::{
    any_place, at,
    cases::{bee, states},
    outcome, readout, written,
};
use crate::{
    task::Style,
    verdict::{Form, Reason, Skill, State, Step},
};

/// The small table, its answer to be given as cells.
fn located(names: Names) -> Readout {
    let mut of = bee();
    (of.wording.answer, of.wording.names) = (Answer::Cells, names);
    of
}

#[test]
fn the_answer_is_all_that_is_said() {
    let mut of = located(Names::Short);
    assert_eq!(of.worked().text, "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1");
    assert_eq!(written(|out| of.write_answer(out)), "Bee Jan 3, Bee Mar 1, Cat Mar 1");
    assert_eq!(
        written(|out| of.write_question(out)),
        "Read the path (*): green (S) to orange (E), as \"Anvil Monday 7\"."
    );
    // They word lines, of which there are none.
    (of.wording.order, of.wording.spelling) = (Order::Value, Spelling::Words);
    assert_eq!(of.worked().text, "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1");
    (of.wording.style, of.wording.ends) = (Style::Full, Ends::Named);
    assert_eq!(of.worked().text, "The path leads from Bee, Jan to Cat, Mar.\nAnswer: Bee Jan 3, Bee Mar 1, Cat Mar 1");
    let asked = written(|out| of.write_question(out));
    assert!(asked.contains("as in \"Anvil Monday 7\" for the digit 7 in row Anvil and column Monday."), "{asked}");
    let mut of = located(Names::Letters);
    assert_eq!(of.worked().text, "Answer: aa 3, ab 1, bb 1");
    assert_eq!(written(|out| of.write_question(out)), "Read the path (*): green (S) to orange (E), as \"xy 7\".");
    of.wording.ask = Ask::Total;
    assert_eq!(of.worked().text, "aa 3\nab 1\nbb 1\nSum: 3 + 1 + 1 = 5\nAnswer: 5");
    assert_eq!(written(|out| of.write_question(out)), "Add up the path (*): green (S) to orange (E).");
}

#[test]
fn cells_and_digits_are_read_as_lines_spell_them() {
    for (names, replies) in [
        (
            Names::Short,
            &[
                "Answer: bee jan 3; BEE MARCH one / Cat Mar 1.",
                "Answer: Bee Jan: 3, Bee Mar: 1, Cat Mar: 1",
                "Answer: Bee, Jan = 3, Bee, Mar = 1, Cat, Mar = 1",
                "Answer: (Bee, Jan) 3, (Bee, Mar) 1, (Cat, Mar) 1",
                "Answer: ((Bee, Jan), 3), ((Bee, Mar), 1), ((Cat, Mar), 1)",
                "Answer: [Bee Jan -> 3, Bee Mar -> 1, Cat Mar -> 1]",
                "Answer: Bee Jan → 3, Bee Mar → 1, Cat Mar → 1",
                "Answer: Jan Bee 3, Mar Bee 1, Mar Cat 1",
                "Answer: 3 Bee Jan, 1 Bee Mar, 1 Cat Mar",
                "Answer: THREE at Bee Jan, ONE at Bee Mar, ONE at Cat Mar",
                "Answer: row 1, column 1: 3; row 1, column 2: 1; row 2, column 2: 1",
                "Answer: Row 1 Bee, column 1 Jan: 3, Row 1 Bee, column 2 Mar: 1, Row 2 Cat, column 2 Mar: 1",
                "Answer: Bee (row 1), Jan (column 1): 3, Bee Mar 1, Cat Mar 1",
                "Answer:\n1. Bee Jan 3\n2. Bee Mar 1\n3. Cat Mar 1",
                "Answer: 1. Bee Jan 3 2. Bee Mar 1 3. Cat Mar 1",
                "Answer:\n- **Bee Jan**: 3\n- **Bee Mar**: 1\n- **Cat Mar**: 1",
                "Answer: $\\text{Bee Jan} = 3, \\text{Bee Mar} = 1, \\text{Cat Mar} = 1$",
                "<answer>Bee Jan 3, Bee Mar 1, Cat Mar 1</answer>",
                "so \\boxed{\\text{Bee Jan 3, Bee Mar 1, Cat Mar 1}}",
                "{\"answer\": {\"Bee Jan\": 3, \"Bee Mar\": 1, \"Cat Mar\": 1}}",
                "The answer is Bee Jan 3, Bee Mar 1, Cat Mar 1.",
                "### Answer\nBee Jan 3, Bee Mar 1, Cat Mar 1",
                "Answer: Bee Jan 3, Bee Mar 1 and then Cat Mar 1",
            ][..],
        ),
        (
            Names::Full,
            &[
                "Answer: sigmawidget january 3, Sigma Widget March 1, Omega Widget, March: 1",
                "Answer: SigmaWidget Jan 3, SigmaWidget Mar 1, OmegaWidget Mar 1",
            ],
        ),
        (
            Names::Letters,
            &[
                "Answer: AA 3, AB 1, BB 1",
                "Answer: aa: 3, ab: 1, bb: 1",
                "Answer: aa=3 ab=1 bb=1",
                "Answer: (a, a) 3; (a, b) 1; (b, b) 1",
                "Answer: column a row a 3, column b row a 1, column b row b 1",
                "Answer: row 1 a, column 1 a: 3, row a, column b: 1, row 2, column 2: 1",
                "Answer: 3 aa, 1 ab, 1 bb",
                "$a_a = 3$",
            ][..],
        ),
    ] {
        let of = located(names);
        for reply in replies {
            let whole = !reply.starts_with('$');
            let verdict = of.verify(reply.as_bytes());
            assert_eq!(verdict.outcome, if whole { Outcome::Correct } else { Outcome::Wrong }, "{reply}");
            assert_eq!(states(&of, reply), if whole { "oooooo" } else { "oo" }, "{reply}");
        }
    }
    let of = located(Names::Short);
    for (reply, form) in [
        ("Answer: Bee Jan is 3, Bee Mar is 1, cell Cat Mar holds 1", Form::Loose),
        ("Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1 (total 5)", Form::Loose),
        ("Bee Jan 3\nBee Mar 1\nCat Mar 1", Form::Bare),
    ] {
        let verdict = of.verify(reply.as_bytes());
        assert_eq!((verdict.outcome, verdict.form), (Outcome::Correct, Some(form)), "{reply}");
        assert_eq!(states(&of, reply), "oooooo", "{reply}");
    }
}

#[test]
fn what_is_no_list_of_cells_is_no_answer() {
    let of = located(Names::Short);
    for reply in [
        "Answer: 3, 1, 1", // digits alone are not what was asked for
        "Answer: 5",
        "Answer: Bee Jan, Bee Mar, Cat Mar",
        "Answer: Bee Jan 3, Mar 1, Cat Mar 1",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar",
        "Answer: Bee Jan 3, 3, Bee Mar 1, Cat Mar 1",
        "Answer: Bee Jan 3, Bee Mar 1, 1 Cat Mar",
        "Answer: Bee Bee Jan 3, Bee Mar 1, Cat Mar 1",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1 or 2",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar -1",
        "Answer: Bee Jan 3.5, Bee Mar 1, Cat Mar 1",
        "Answer: not Bee Jan 3, Bee Mar 1, Cat Mar 1",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1 (total 6)",
        "Answer: maybe Bee Jan 3, Bee Mar 1, Cat Mar 1",
        "Answer: [Bee Jan 3] [Bee Mar 1] [Cat Mar 1]",
        "I see Bee Jan 3, Bee Mar 1, Cat Mar 1",
    ] {
        assert_eq!(outcome(&of, reply), Outcome::Unparsed, "{reply}");
    }
    for reply in [
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1\nor Bee Jan 4",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1\nBee Jan 4, Bee Mar 1, Cat Mar 1",
        "\\boxed{Bee Jan 3, Bee Mar 1, Cat Mar 1} or \\boxed{Bee Jan 3}",
    ] {
        assert_eq!(outcome(&of, reply), Outcome::Ambiguous, "{reply}");
    }
    // What the answer rests on may be told behind it.
    for reply in [
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1\nBee Jan 3\nBee Mar 1\nCat Mar 1",
        "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1\nBee Mar is 1, Cat Mar is 1",
    ] {
        assert_eq!(outcome(&of, reply), Outcome::Correct, "{reply}");
        assert!(states(&of, reply).bytes().all(|state| state == b'o'), "{reply}");
    }
    // And who asked for digits has not asked for cells.
    assert_eq!(outcome(&bee(), "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1"), Outcome::Unparsed);
    // What cannot be read as a whole earns what it plainly says, and so does what is taken back; neither costs.
    for (reply, found) in [
        ("Answer: Bee Jan 3, Bee Mar 1, Cat", "oooo"),
        ("Answer: Bee Jan 3, Bee Mar 1, Cat Mar", "oooo"),
        ("Answer: Bee Jan 3, Bee Mar 1, Dragon Mar 1", "oooo"),
        ("Answer: Bee Jan 3, Bee Mar 4, Cat", "oo"),
        ("Answer: not Bee Jan 3, Bee Mar 1, Cat", ""),
        ("Answer: Bee Jan 3 or Bee Mar 1, Cat", ""),
        ("Answer: 3, 1, 1", ""),
    ] {
        assert_eq!(states(&of, reply), found, "{reply}");
    }
    assert_eq!(states(&located(Names::Letters), "Answer: aa 3, ab 1, b"), "oooo");
    let spread = "Answer: \\left[Bee Jan 3,\nBee Mar 1,\nCat Mar 1\\right]\nAnswer: Bee Jan 3, Bee Mar 1, Cat Mar 1";
    assert!(states(&of, spread).bytes().all(|state| state == b'o'), "{}", states(&of, spread));
    assert_eq!(states(&of, "Answer: Bee Jan 4\nNo, wait.\nAnswer: Bee Jan 3, Bee Mar 1, Cat Mar 1"), "oooooo");
}

#[test]
fn every_item_is_wrong_for_its_own_reason() {
    let of = located(Names::Short);
    let found = |reply: &str| {
        let verdict = of.verify(reply.as_bytes());
        let said = |step: &Step| (&reply[step.start as usize..step.end as usize], step.skill, step.state, step.reason);
        let bad = verdict.steps.iter().filter(|step| step.state != State::Ok).map(said).map(|step| {
            let (text, skill, state, reason) = step;
            (text.to_owned(), skill, state, reason)
        });
        (verdict.outcome, verdict.components[..4].to_vec(), bad.collect::<Vec<_>>())
    };
    let cell = |text: &str, reason| (text.to_owned(), Skill::NextCell, State::Wrong, reason);
    let digit = |text: &str, reason| (text.to_owned(), Skill::Read, State::Wrong, reason);
    let unjudged = |text: &str| (text.to_owned(), Skill::Read, State::Unsupported, Reason::AfterError);
    let third = 1.0 / 3.0;
    for (reply, components, bad) in [
        ("Bee Jan 4, Bee Mar 1, Cat Mar 1", [0.0, 0.0, 0.0, 2.0 * third], vec![digit("4", Reason::WrongValue)]),
        ("Bee Jan 13, Bee Mar 1, Cat Mar 1", [0.0, 0.0, 0.0, 2.0 * third], vec![digit("13", Reason::WrongValue)]),
        // The one that goes on after a wrong one is due.
        (
            "Cat Mar 1, Bee Mar 1, Bee Jan 3",
            [0.0, 0.0, 1.0, 1.0],
            vec![
                cell("Cat Mar", Reason::OutOfOrder),
                unjudged("1"),
                cell("Bee Jan", Reason::OutOfOrder),
                unjudged("3"),
            ],
        ),
        (
            "Bee Jan 3, Cat Jan 1, Cat Mar 1",
            [0.0, third, 1.0, 2.0 * third],
            vec![cell("Cat Jan", Reason::WrongCell), digit("1", Reason::WrongValue)],
        ),
        (
            "Bee Jan 3, Cat Mar 1",
            [0.0, third, 0.0, 2.0 * third],
            vec![cell("Cat Mar", Reason::OutOfOrder), unjudged("1")],
        ),
        (
            "Bee Jan 3, Bee Mar 1, Cat Mar 1, Cat Jan 4",
            [0.0, 1.0, 0.0, 0.75],
            vec![cell("Cat Jan", Reason::Extra), unjudged("4")],
        ),
        (
            "Bee Jan 3, Dog Mar 1, Cat Mar 1",
            [0.0, third, 1.0, 2.0 * third],
            vec![cell("Dog Mar", Reason::NoSuchName), unjudged("1")],
        ),
        (
            "Bee Jan 3, row 2 Bee, column 2: 1, Cat Mar 1",
            [0.0, third, 1.0, 2.0 * third],
            vec![cell("row 2 Bee, column 2", Reason::WrongName), unjudged("1")],
        ),
        // What is said again is no error of a step, and no part of the answer.
        ("Bee Jan 3, Bee Jan 3, Bee Mar 1, Cat Mar 1", [0.0, third, 0.0, 0.75], vec![]),
        // An answer that stops short is wrong in none of its steps.
        ("Bee Jan 3, Bee Mar 1", [0.0, 2.0 * third, 0.0, 2.0 * third], vec![]),
    ] {
        let reply = format!("Answer: {reply}");
        let (outcome, got, found) = found(&reply);
        assert_eq!(outcome, Outcome::Wrong, "{reply}");
        assert_eq!(found, bad, "{reply}");
        assert!(got.iter().zip(components).all(|(got, want)| (got - want).abs() < 1e-6), "{reply}: {got:?}");
    }
    let said = "Answer: Bee Jan 3, Bee Mar 1, Cat Mar 1";
    assert_eq!(found(said), (Outcome::Correct, vec![1.0; 4], vec![]));
    let again = of.verify(format!("Bee Jan 3\nBee Mar 1\n{said}").as_bytes());
    assert_eq!(again.outcome, Outcome::Correct);
    let repeated: Vec<bool> = again.steps.iter().map(|step| step.repeated).collect();
    assert_eq!(repeated, [false, false, false, false, true, true, true, true, false, false]);
}

/// What is done to the items of an answer.
#[derive(Debug, Clone)]
enum Edit {
    Digit(usize, u8),
    Drop(usize),
    Swap(usize, usize),
    Again(usize),
    Other(usize, usize),
    Cut(usize),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let any = any::<usize>;
    prop_oneof![
        (any(), 1..10_u8).prop_map(|(at, by)| Edit::Digit(at, by)),
        any().prop_map(Edit::Drop),
        (any(), any()).prop_map(|(one, other)| Edit::Swap(one, other)),
        any().prop_map(Edit::Again),
        (any(), any()).prop_map(|(at, cell)| Edit::Other(at, cell)),
        any().prop_map(Edit::Cut),
    ]
}

/// A cell of the table by a number, with a digit.
type Item = (u8, u8);

fn edited(of: &Readout, edits: &[Edit]) -> Vec<Item> {
    let mut items: Vec<Item> = of.path.iter().map(|&cell| (cell, of.digit(cell))).collect();
    for edit in edits {
        let count = items.len();
        match *edit {
            Edit::Digit(at, by) => items[at % count].1 = (items[at % count].1 + by) % 10,
            Edit::Drop(at) if count > 1 => drop(items.remove(at % count)),
            Edit::Swap(one, other) => items.swap(one % count, other % count),
            Edit::Again(at) => items.insert(at % count, items[at % count]),
            Edit::Other(at, cell) => {
                let (rows, columns) = of.size();
                items[at % count].0 = table::cell(cell / columns % rows, cell % columns);
            }
            Edit::Cut(to) => items.truncate(1 + to % count),
            Edit::Drop(_) => {}
        }
    }
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// The reader of lines, which knows nothing of answers, finds the same steps in the same items line by line; and
    /// whether they are the path's, and how far, a comparison of two lists tells.
    #[test]
    fn items_are_judged_as_lines_and_the_answer_as_a_list(
        (level, place) in any_place(),
        names in 0..3_usize,
        edits in prop::collection::vec(any_edit(), 0..4),
    ) {
        let names = ["full", "short", "letters"][names];
        let of = at(&format!("{level}?answer=cells&names={names}{place}"));
        let known = readout(&*of);
        let items = edited(known, &edits);
        let said: Vec<String> = items.iter().map(|(cell, digit)| {
            let (row, column) = known.names_at(*cell);
            if names == "letters" { format!("{row}{column} {digit}") } else { format!("{row} {column} {digit}") }
        }).collect();
        let (answer, lines) = (format!("Answer: {}", said.join(", ")), said.join("\n"));
        let told = |reply: &str, steps: &[Step]| -> Vec<(String, Skill, State, Reason, bool)> {
            let text = |step: &Step| reply[step.start as usize..step.end as usize].to_owned();
            steps.iter().map(|step| (text(step), step.skill, step.state, step.reason, step.repeated)).collect()
        };
        let verdict = of.verify(answer.as_bytes());
        let by_lines = at(&format!("{level}?names={names}{place}")).verify(lines.as_bytes());
        prop_assert_eq!(told(&answer, &verdict.steps), told(&lines, &by_lines.steps));

        let truth: Vec<Item> = known.path.iter().map(|&cell| (cell, known.digit(cell))).collect();
        prop_assert_eq!(verdict.outcome, if items == truth { Outcome::Correct } else { Outcome::Wrong });
        let prefix = items.iter().zip(&truth).take_while(|(one, other)| one == other).count();
        let right = truth.iter().filter(|item| items.contains(item)).count();
        let sum = |items: &[Item]| items.iter().map(|(_, digit)| u64::from(*digit)).sum::<u64>();
        let (length, longest) = (truth.len() as f32, truth.len().max(items.len()) as f32);
        let total = f32::from(u8::from(sum(&items) == sum(&truth)));
        let exact = f32::from(u8::from(items == truth));
        prop_assert_eq!(
            verdict.components[..4].to_vec(),
            [exact, prefix as f32 / length, total, right as f32 / longest]
        );
    }

    #[test]
    fn right_digits_of_other_cells_are_wrong((level, place) in any_place(), which in any::<prop::sample::Index>()) {
        let of = at(&format!("{level}?answer=cells{place}"));
        let known = readout(&*of);
        let at = which.index(known.path.len());
        let (rows, columns) = known.size();
        let twin = |cell: &u8| known.digit(*cell) == known.digit(known.path[at]) && *cell != known.path[at];
        let mut cells = (0..rows).flat_map(|row| (0..columns).map(move |column| table::cell(row, column)));
        let Some(other) = cells.find(twin) else { return Ok(()) };
        let mut of = known.clone();
        of.path[at] = other;
        let reply = format!("Answer: {}", written(|out| of.write_answer(out)));
        prop_assert_eq!(outcome(known, &reply), Outcome::Wrong);
    }
}

#[test]
fn a_table_of_answers_knows_no_digit_of_another_table() {
    let of = located(Names::Letters);
    assert_eq!(written(|out| of.kept(out)), "3, 1, 1");
    assert!(of.recalled("3, 1, 1") > 0.5 && of.recalled("3, 1, 2") < 0.5);
}

#[test]
fn long_answers_are_judged_in_linear_time() {
    let of = at("table_readout/hard?answer=cells#test:0:0");
    for piece in
        ["Alpha ", "row ", "row 1 ", "Jan ", "3 ", "Bee Jan 3, ", ": ", "(", "row 1 column 1 1, ", "-> ", "Answer: "]
    {
        for mark in ["Answer: ", "Answer:\n", "\\boxed{", ""] {
            of.verify(format!("{mark}{}", piece.repeat(200_000 / piece.len())).as_bytes());
        }
    }
}
