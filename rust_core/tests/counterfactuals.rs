//! Counterfactuals: the same problem, question and size, one fact of what is seen changed, and another answer.

use std::collections::BTreeSet;

use _core::{address::Address, scene::Scene, task::Instance, tasks, verdict::Outcome};

fn said(write: impl Fn(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

/// How many cells or panels differ; pictures of different make have nothing in common.
fn differing(one: &Scene, other: &Scene) -> usize {
    match (one, other) {
        (Scene::Sheet(a), Scene::Sheet(b)) => {
            assert_eq!((a.rows, a.columns), (b.rows, b.columns));
            assert_eq!((&a.row_labels, &a.column_labels), (&b.row_labels, &b.column_labels));
            a.cells.iter().zip(&b.cells).filter(|(a, b)| a != b).count()
        }
        (Scene::Panels(a), Scene::Panels(b)) => {
            assert_eq!((&a.rows, a.options.len()), (&b.rows, b.options.len()), "examples and query stay");
            a.options.iter().zip(&b.options).filter(|(a, b)| a != b).count()
        }
        _ => usize::MAX,
    }
}

fn each(visit: impl Fn(&Address, &dyn Instance, &dyn Instance)) {
    for task in tasks::IDS {
        for level in tasks::levels(task).expect("the task is registered") {
            for index in 0..12 {
                let number = index % 3 + 1;
                let plain: Address = format!("{task}/{level}#val:8:{index}").parse().expect("an address");
                let other: Address =
                    format!("{task}/{level}?changed={number}#val:8:{index}").parse().expect("an address");
                visit(&other, &*plain.resolve(), &*other.resolve());
            }
        }
    }
}

#[test]
fn one_fact_is_changed_and_the_answer_with_it() {
    each(|address, plain, other| {
        assert_eq!(said(|out| plain.question(out)), said(|out| other.question(out)), "{address}");
        let cells = differing(&plain.scene(), &other.scene());
        assert!((1..=2).contains(&cells), "{address}: {cells} cells differ"); // two where something changed places
        let [before, after] = [plain, other].map(|instance| said(|out| instance.answer(out)));
        assert_ne!(before, after, "{address}");
        for (answer, on, wanted) in
            [(&before, plain, Outcome::Correct), (&after, other, Outcome::Correct), (&before, other, Outcome::Wrong)]
        {
            assert_eq!(on.verify(format!("Answer: {answer}").as_bytes()).outcome, wanted, "{address}: {answer}");
        }
        let worked = other.rationale();
        assert_eq!(other.verify(worked.text.as_bytes()).outcome, Outcome::Correct, "{address}: {}", worked.text);
    });
}

#[test]
fn what_is_changed_does_not_hang_on_the_wording() {
    for (task, wording) in [
        ("grid_navigation", ["style=terse", "trace=dfs", "trace=path", "ties=random"]),
        ("table_readout", ["ask=total", "ends=marked", "answer=cells", "values=digits"]),
    ] {
        for index in 0..40 {
            let content = |words: &str| {
                let text = format!("{task}/rung2?changed=1{words}#train:2:{index}");
                let address: Address = text.parse().expect("an address");
                address.content(&*address.resolve())
            };
            for words in wording {
                assert_eq!(content(""), content(&format!("&{words}")), "{task} {words} {index}");
            }
        }
    }
}

/// A destination that moves can be answered by finding it; only an obstacle asks whether the way to it is seen.
#[test]
fn of_a_grid_the_way_is_changed_wherever_it_can_be() {
    for level in ["rung0", "rung1", "rung2", "rung3", "simple", "hard"] {
        let kept = (0..100).filter(|index| {
            let marks = |number: u32| {
                let text = format!("grid_navigation/{level}?changed={number}#train:6:{index}");
                let address: Address = text.parse().expect("an address");
                let twin = said(|out| address.resolve().twin(out));
                let at: Vec<usize> = twin.match_indices(" D").map(|(at, _)| twin[..at].matches('&').count()).collect();
                at
            };
            marks(0) == marks(1)
        });
        assert!(kept.count() >= 75, "{level}");
    }
}

#[test]
fn numbers_name_other_counterfactuals_of_one_problem() {
    let content = |number: u32| {
        let address: Address = format!("table_readout/rung3?changed={number}#train:2:5").parse().expect("an address");
        (address.to_string(), address.content(&*address.resolve()))
    };
    assert_eq!(content(0).0, "table_readout/rung3#train:2:5", "0 is the problem itself");
    let all: BTreeSet<u128> = (0..8).map(|number| content(number).1).collect();
    assert!(all.len() > 5, "{}", all.len());
    assert_eq!(content(3), content(3));
    assert!("table_readout/rung3?changed=-1#train:2:5".parse::<Address>().is_err());
}
