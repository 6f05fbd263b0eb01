//! Worked cases on a small table: words, steps, reasons, answers, and the picture.

use super::super::{
    names::Names,
    problem::{Answer, Ask, Order, Spelling, Values},
    table::{CELLS, Table},
    *,
};
use super::{at, written};
use crate::{
    scene::{Fill, Kind, Mark},
    task::Style,
    verdict::{Reason, Skill, State},
};

pub fn bee() -> Readout {
    // Bee: 3 1, Cat: 4 1; the path goes Bee Jan, Bee Mar, Cat Mar.
    let mut table = Table {
        rows: 2,
        columns: 2,
        row_codes: [0; table::ROWS],
        months: [0; table::COLUMNS],
        column_of: [table::ABSENT; table::COLUMNS],
        values: [0; CELLS],
    };
    table.row_codes[0] = 4 * names::POOL as u16;
    table.row_codes[1] = 5 * names::POOL as u16;
    table.months[1] = 2;
    table.column_of[0] = 0;
    table.column_of[2] = 1;
    for (row, column, value) in [(0, 0, 3), (0, 1, 1), (1, 0, 4), (1, 1, 1)] {
        table.values[usize::from(table::cell(row, column))] = value;
    }
    let path = vec![table::cell(0, 0), table::cell(0, 1), table::cell(1, 1)];
    let mut place = [0; CELLS];
    for (at, &cell) in path.iter().enumerate() {
        place[usize::from(cell)] = at as u8 + 1;
    }
    let wording = Wording {
        style: Style::Terse,
        spelling: Spelling::Digits,
        order: Order::Row,
        twin: Twin::Latex,
        ask: Ask::List,
        answer: Answer::Digits,
        values: Values::Digits,
        names: Names::Short,
        ends: Ends::Marked,
    };
    let counts = [0, 2, 0, 1, 0, 0, 0, 0, 0, 0];
    Readout { wording, family: Family::Random, reversed: false, table, path, place, counts, total: 5 }
}

pub fn states(of: &Readout, reply: &str) -> String {
    let letter = |state| match state {
        State::Ok => 'o',
        State::Wrong => 'w',
        State::Unsupported => 'u',
    };
    of.verify(reply.as_bytes()).steps.iter().map(|step| letter(step.state)).collect()
}

#[test]
fn the_words_are_as_documented() {
    let of = bee();
    assert_eq!(written(|out| of.write_question(out)), "Read the path (*): green (S) to orange (E).");
    assert_eq!(
        written(|out| of.write_latex(out)),
        "\\begin{tabular}{lcc}\n & Jan & Mar \\\\\nBee & 3 S & 1 * \\\\\nCat & 4 & 1 E \\\\\n\\end{tabular}"
    );
    assert_eq!(
        written(|out| of.write_markdown(out)),
        "|  | Jan | Mar |\n|---|---|---|\n| Bee | 3 S | 1 * |\n| Cat | 4 | 1 E |"
    );
    assert_eq!(of.worked().text, "Bee Jan 3\nBee Mar 1\nCat Mar 1\nAnswer: 3, 1, 1");
    let mut of = bee();
    (of.wording.style, of.wording.ask, of.wording.ends) = (Style::Full, Ask::Total, Ends::Named);
    assert_eq!(
        of.worked().text,
        "The path leads from Bee, Jan to Cat, Mar.\nRow 1 Bee, column 1 Jan: 3\nRow 1 Bee, column 2 Mar: 1\n\
         Row 2 Cat, column 2 Mar: 1\nSum: 3 + 1 + 1 = 5\nAnswer: 5"
    );
    (of.wording.spelling, of.wording.order) = (Spelling::Words, Order::Column);
    assert_eq!(
        of.worked().text,
        "The path leads from Jan, Bee to Mar, Cat.\nColumn 1 Jan, row 1 Bee: three\nColumn 2 Mar, row 1 Bee: one\n\
         Column 2 Mar, row 2 Cat: one\nSum: three + one + one = 5\nAnswer: 5"
    );
    (of.wording.spelling, of.wording.order, of.wording.ask) = (Spelling::Capitals, Order::Value, Ask::List);
    assert_eq!(
        of.worked().text,
        "The path leads from Bee, Jan to Cat, Mar.\nTHREE at row 1 Bee, column 1 Jan\n\
         ONE at row 1 Bee, column 2 Mar\nONE at row 2 Cat, column 2 Mar\nAnswer: 3, 1, 1"
    );
    of.wording.style = Style::Terse;
    assert_eq!(of.worked().text, "THREE Bee Jan\nONE Bee Mar\nONE Cat Mar\nAnswer: 3, 1, 1");
    of.wording.order = Order::Column;
    assert_eq!(of.worked().text, "Jan Bee THREE\nMar Bee ONE\nMar Cat ONE\nAnswer: 3, 1, 1");
    of.wording.ask = Ask::Total;
    assert_eq!(written(|out| of.write_question(out)), "Add up the path (*): Bee Jan to Cat Mar.");
}

#[test]
fn steps_are_found_in_loose_text() {
    let of = bee();
    for reply in [
        "1. Bee Jan 3\n2. Bee Mar 1\n3. Cat Mar 1",
        "- **bee**, january: **THREE**\n- BEE / March -> one\n- cat (mar) = 1.",
        "Step 1: we start at row Bee, column Jan, which holds 3.\nStep 2: row 1, column 2: 1\nthen row 2 (Cat), col 2 (Mar): 1!",
        "Bee Jan 3, Bee Mar 1; Cat Mar 1",
        "column 1, row 1 is 3\r\nJan is past. Bee Mar 1\r\n\r\nCat   Mar\t１",
        "The path goes on from Bee Jan to Cat Mar.\nBee Jan 3\nBee Mar 1\nCat Mar 1",
        "from column 1, row 1 to column 2, row 2\nJan Bee 3\ncolumn Mar, row Bee: one\nMarch (Cat) = 1",
        "1. 3 at Bee, Jan\n- **ONE** is at row 1, column 2.\n1: 1 Cat Mar",
    ] {
        let found = states(&of, reply);
        assert!(found == "oooooo" || found == "ooooooo", "{found} {reply}");
    }
}

#[test]
fn letters_name_cells_by_position() {
    let mut of = bee();
    of.wording.names = Names::Letters;
    assert_eq!(of.worked().text, "aa 3\nab 1\nbb 1\nAnswer: 3, 1, 1");
    of.wording.order = Order::Value;
    assert_eq!(of.worked().text, "3 aa\n1 ab\n1 bb\nAnswer: 3, 1, 1");
    of.wording.order = Order::Column;
    assert_eq!(of.worked().text, "column a row a 3\ncolumn b row a 1\ncolumn b row b 1\nAnswer: 3, 1, 1");
    assert_eq!(
        written(|out| of.write_latex(out)),
        "\\begin{tabular}{lcc}\n & a & b \\\\\na & 3 S & 1 * \\\\\nb & 4 & 1 E \\\\\n\\end{tabular}"
    );
    let Scene::Sheet(sheet) = of.scene() else { panic!("a table is a sheet") };
    assert_eq!((sheet.row_labels, sheet.column_labels), (vec!["a".into(), "b".into()], vec!["a".into(), "b".into()]));
    for reply in [
        "1. AA 3\n2. a b 1\n3. B, b: 1",
        "a. **aa**: 3\n- (a, b) = one\n- b-b 1",
        "I start at row a, column a, which is a 3.\nThe digit of ab is 1, and bb has a value of 1",
        "Row 1 a, column 1 a: 3\nrow 1 (a), col 2 (b): 1\ncolumn b, row b is 1",
        "From aa to bb.\naa 3, ab 1; bb 1",
    ] {
        let found = states(&of, reply);
        assert!(found == "oooooo" || found == "ooooooo", "{found} {reply}");
    }
    let first = |reply: &str| {
        let verdict = of.verify(reply.as_bytes());
        verdict.first_error().map(|at| (at, verdict.steps[at].skill, verdict.steps[at].reason))
    };
    assert_eq!(first("ba 4"), Some((0, Skill::NextCell, Reason::WrongCell)));
    assert_eq!(first("ab 1"), Some((0, Skill::NextCell, Reason::OutOfOrder)));
    assert_eq!(first("aa 1"), Some((1, Skill::Read, Reason::WrongValue)));
    assert_eq!(first("ca 4"), Some((0, Skill::NextCell, Reason::NoSuchName)));
    assert_eq!(first("d e 4"), Some((0, Skill::NextCell, Reason::NoSuchName)));
    assert_eq!(first("Row 2 a, column 1 a: 3"), Some((0, Skill::NextCell, Reason::WrongName)));
    assert_eq!(first("The path leads from ab to bb"), Some((0, Skill::Locate, Reason::WrongCell)));
    // Names of the other kinds, lone letters and talk are no claims.
    assert_eq!(states(&of, "Bee Jan 3\na 3\nA table of 3\nso if 3\na: b 3\n| a | b | 3"), "");
}

#[test]
fn wrong_steps_are_wrong_for_the_right_reason() {
    let of = bee();
    let first = |reply: &str| {
        let verdict = of.verify(reply.as_bytes());
        verdict.first_error().map(|at| (at, verdict.steps[at].skill, verdict.steps[at].reason))
    };
    assert_eq!(first("Bee Jan 4"), Some((1, Skill::Read, Reason::WrongValue)));
    assert_eq!(first("Bee Jan 13"), Some((1, Skill::Read, Reason::WrongValue)));
    assert_eq!(first("Cat Jan 4"), Some((0, Skill::NextCell, Reason::WrongCell)));
    assert_eq!(first("Bee Mar 1"), Some((0, Skill::NextCell, Reason::OutOfOrder)));
    assert_eq!(first("Dog Jan 4"), Some((0, Skill::NextCell, Reason::NoSuchName)));
    assert_eq!(first("Bee Feb 4"), Some((0, Skill::NextCell, Reason::NoSuchName)));
    assert_eq!(first("Row 2 Bee, column 1 Jan: 3"), Some((0, Skill::NextCell, Reason::WrongName)));
    assert_eq!(first("The path leads from Bee Jan to Cat Jan."), Some((0, Skill::Locate, Reason::WrongCell)));
    assert_eq!(first("Bee Jan 3\nBee Mar 1\nCat Mar 1\nCat Jan 4"), Some((6, Skill::NextCell, Reason::Extra)));
    assert_eq!(first("Sum: 3 + 1 + 1 = 6"), Some((0, Skill::ApplyRule, Reason::WrongConclusion)));
    assert_eq!(first("Sum: 3 + 2 = 5"), Some((0, Skill::ApplyRule, Reason::WrongValue)));
    assert_eq!(first("Answer: 3, 1, 2"), Some((0, Skill::Conclude, Reason::WrongConclusion)));
    assert_eq!(first("Bee 3\nJan 3\nThe first of 3 is Bee, may be."), None);
    assert_eq!(states(&of, "Cat Jan 4\nBee Mar 1\nCat Mar 1"), "wuoooo");
    assert_eq!(states(&of, "Bee Mar 1\nBee Jan 3\nCat Mar 1"), "wuoowu");
}

#[test]
fn what_is_said_again_is_marked() {
    let of = bee();
    let said = |reply: &str| {
        let steps = of.verify(reply.as_bytes()).steps;
        let letter = |step: &crate::verdict::Step| match (step.state, step.repeated) {
            (State::Ok, false) => 'o',
            (State::Ok, true) => 'r',
            (State::Wrong, _) => 'w',
            (State::Unsupported, _) => 'u',
        };
        steps.iter().map(letter).collect::<String>()
    };
    assert_eq!(said("Bee Jan 3\nBee Jan 3\nBee Mar 1"), "oorroo");
    assert_eq!(said("Bee Jan 3\nBee Jan 4"), "oorw");
    assert_eq!(said("The path leads from Bee, Jan to Cat, Mar.\nThe path leads from Bee, Jan to Cat, Mar."), "or");
    assert_eq!(said("Sum: 3 + 1 + 1 = 5\nSum: 3 + 1 + 1 = 5"), "or");
    assert_eq!(said("Bee Jan 3\nBee Mar 1\nCat Mar 1\nStep 4: Bee Jan 3"), "oooooorr");
    // A loose sentence is no step of its own beside the line that says the same.
    assert_eq!(said("At Bee Jan I see 3.\nBee Jan 3\nBee Mar 1"), "oooo");
    assert_eq!(said("Bee Jan 3\nAs I said, Bee Jan is 3.\nBee Mar 1"), "oooo");
    assert_eq!(said("Bee: Jan 3, Mar 1\nCat: Mar 1"), "oooooo");
    let reply = "At Bee Jan I see 3.\nBee Jan 3";
    let steps = of.verify(reply.as_bytes()).steps;
    assert_eq!(steps.iter().map(|step| step.start).collect::<Vec<_>>(), [20, 28]);
}

#[test]
fn only_the_rationales_own_form_can_be_wrong() {
    let of = bee();
    for reply in [
        "Bee Jan is 4.",
        "I see a 4 in Bee, under Jan",
        "Bee: Jan 4, Mar 2",
        "from Bee Jan to Cat Jan",
        "Then the path leads from Bee Mar to Cat Mar.",
        "Bee Jan Mar 3",
        "(Bee, Jan) = 4",
        "row 1, column 1: 4",
        "| Bee | Jan | 4 |",
        "The last cell: Cat Mar 1",
        "as many as in Bee Jan 4",
        "Cat Jan (4) is not marked",
        "The sum so far is 4",
        "Sum of Bee: 3 + 1 = 4",
        "Bee Jan 3 or 4",
        "Bee Jan 3, 4",
        "3 or 4 Bee Jan",
    ] {
        assert_eq!(states(&of, reply), "", "{reply}");
        let own = of.worked().text;
        assert_eq!(states(&of, &format!("{reply}\n{own}")), "ooooooo", "{reply}");
        assert_eq!(states(&of, &format!("{own}\n{reply}")), "ooooooo", "{reply}");
    }
    for (reply, found) in [
        ("Step 1: Bee Jan 4", "ow"),
        ("Now we read - Bee Jan 4", "ow"),
        ("Following the marks: Bee Jan 4", "ow"),
        ("Next: Bee Mar 1", "wu"),
        ("1) **Bee** Jan: **4**.", "ow"),
        ("Step 1: 4 at row 1 Bee, column 1 Jan", "wo"),
        ("Header: The path leads from Bee, Jan to Cat, Jan.", ""),
        ("Step 1: The path leads from Bee, Jan to Cat, Jan.", "w"),
        ("So, Sum: 3 + 1 + 1 = 6", "w"),
    ] {
        assert_eq!(states(&of, reply), found, "{reply}");
    }
}

#[test]
fn a_digit_may_stand_before_its_cell() {
    let mut of = bee();
    for talk in [
        "1. Bee Jan",
        "1) Bee Jan",
        "step 3 is Bee Jan",
        "3 steps later: Bee Jan",
        "3 cells lead to Bee Jan",
        "3 at Bee\nJan",
        "3 | Bee Jan",
    ] {
        assert_eq!(states(&of, talk), "", "{talk}");
    }
    let of_reasons = |reply: &str| {
        of.verify(reply.as_bytes()).steps.iter().map(|step| (step.skill, step.reason)).collect::<Vec<_>>()
    };
    let read = |reason| (Skill::Read, reason);
    let cell = |reason| (Skill::NextCell, reason);
    assert_eq!(of_reasons("3 Bee Jan"), [read(Reason::None), cell(Reason::None)]);
    assert_eq!(of_reasons("4 Bee Jan"), [read(Reason::WrongValue), cell(Reason::None)]);
    assert_eq!(of_reasons("1 Cat Mar"), [read(Reason::AfterError), cell(Reason::OutOfOrder)]);
    assert_eq!(of_reasons("4 Cat Jan"), [read(Reason::AfterError), cell(Reason::WrongCell)]);
    assert_eq!(of_reasons("3 Dog Jan"), [read(Reason::AfterError), cell(Reason::NoSuchName)]);
    // A digit behind the cell is the cell's.
    assert_eq!(of_reasons("4 Bee Jan 3"), [cell(Reason::None), read(Reason::None)]);
    of.wording.names = Names::Letters;
    for talk in ["3 of them are marked", "three of them", "three of 3", "three of ab", "three of the path"] {
        assert_eq!(states(&of, talk), "", "{talk}");
    }
    assert_eq!(states(&of, "three of"), "uw");
}

#[test]
fn spans_hold_the_claims() {
    let of = bee();
    let reply = "1) **Bee** Jan: 3!\nso Answer: 3, 1, 1 \nbye";
    let texts: Vec<&str> =
        of.verify(reply.as_bytes()).steps.iter().map(|step| &reply[step.start as usize..step.end as usize]).collect();
    assert_eq!(texts, ["Bee** Jan", "3", "Answer: 3, 1, 1"]);
    let mut of = bee();
    of.wording.names = Names::Full;
    let reply = "delta widget, March 3";
    let found = of.verify(reply.as_bytes()).steps;
    // Codes 4 and 5 are Sigma and Omega, so this row is none of the table's, and nobody's in halves.
    assert!(found.is_empty());
    assert_eq!(states(&of, "Sigma Widget, March 1"), "wu");
    assert_eq!(states(&of, "sigma widget January 3"), "oo");
}

/// The ancestor's comma rule turned `3,4,5` into `34,5`.
#[test]
fn commas_without_spaces_separate() {
    let of = bee();
    let components = |reply: &str| of.verify(reply.as_bytes()).components[..4].to_vec();
    assert_eq!(components("Answer: 3,1,1"), [1.0; 4]);
    assert_eq!(of.verify(b"Answer: 31,1").outcome, Outcome::Wrong);
    assert_eq!(of.verify(b"Answer: 311").outcome, Outcome::Wrong);
    assert_eq!(components("Answer: 1,3,1"), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(components("Answer: 3,1,1,1"), [0.0, 1.0, 0.0, 0.75]);
    assert_eq!(components("Answer: three, ONE; １"), [1.0; 4]);
    assert_eq!(components("Answer: who knows"), [0.0; 4]);
}

/// The ancestor's scorer never looked at `Answer:`, nor at the total.
#[test]
fn answer_and_total_count() {
    let mut of = bee();
    assert_eq!(of.verify(b"Bee Jan 3\nBee Mar 1\nCat Mar 1\n").outcome, Outcome::Unparsed);
    assert_eq!(of.verify(b"Bee Jan 3\nBee Mar 1\nCat Mar 1\nAnswer: 3, 1, 2").outcome, Outcome::Wrong);
    // A stated total counts; without one the answer's own sum does.
    assert!((of.verify(b"Sum: 6\nAnswer: 3, 1, 1").components[2]).abs() < 1e-6);
    assert!((of.verify(b"Answer: 1, 3, 1").components[2] - 1.0).abs() < 1e-6);
    of.wording.ask = Ask::Total;
    assert_eq!(of.verify(b"Answer: 5").outcome, Outcome::Correct);
    assert_eq!(of.verify(b"Answer: five").outcome, Outcome::Correct);
    assert_eq!(of.verify(b"Sum: 3 + 1 + 1 = 5\nAnswer: 6").outcome, Outcome::Wrong);
    assert_eq!(of.verify(b"Answer: 3, 1, 1").outcome, Outcome::Unparsed);
}

#[test]
fn long_replies_are_judged_in_linear_time() {
    let of = at("table_readout/hard#test:0:0");
    for piece in [
        "Answer: 3\n",
        "<answer>",
        "\\boxed{",
        "：",
        "Alpha ",
        "3, ",
        "Row 1 ",
        "Jan\n",
        "from Bee Jan to ",
        "sum 3 + ",
        "(",
        ". ",
        "a: ",
        "a, ",
        "1: ",
        "; ",
        "'t ",
        "Bee Jan 3, ",
        "| Bee | Jan ",
        "Row 1 (",
        "Row 1 Bee, column 1 Jan: 3\n",
        "The path leads from Bee Jan to Cat Mar.\n",
    ] {
        of.verify(piece.repeat(400_000 / piece.len()).as_bytes());
        of.verify(format!("{}{}", "(".repeat(200_000), piece.repeat(200_000 / piece.len())).as_bytes());
    }
}

#[test]
fn pictures_show_the_table() {
    let of = bee();
    let Scene::Sheet(sheet) = of.scene() else { panic!("a table is a sheet") };
    assert_eq!((sheet.rows, sheet.columns, sheet.kind), (2, 2, Kind::Table));
    let fills: Vec<Fill> = sheet.cells.iter().map(|cell| cell.fill).collect();
    assert_eq!(fills, [Fill::Start, Fill::Path, Fill::Plain, Fill::Destination]);
    assert_eq!(sheet.cells[2].mark, Mark::Digit(4));
    assert_eq!((sheet.row_labels[1].as_ref(), sheet.column_labels[1].as_ref()), ("Cat", "Mar"));
    let of = at("table_readout/simple#test:0:0");
    let Scene::Sheet(sheet) = of.scene() else { panic!("a table is a sheet") };
    assert!(sheet.cells.iter().all(|cell| matches!(cell.mark, Mark::DigitWord(0..=9))));
    assert!(sheet.cells.iter().all(|cell| matches!(cell.fill, Fill::Plain | Fill::Path)));
}
