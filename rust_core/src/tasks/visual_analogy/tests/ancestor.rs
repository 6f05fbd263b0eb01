//! What the ancestor got wrong, a test each.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{relations::directions, *},
    *,
};

#[test]
fn a_sample_does_not_depend_on_the_process_or_the_wording() {
    // The ancestor's problems followed the process's hash seed. These were written down by another process.
    for (address, hash) in [
        ("visual_analogy/simple#train:7:1", 0xd67b_6325_1cd6_2021_b6da_5f0c_ce27_9015_u128),
        ("visual_analogy/hard#test:7:1", 0xb7d2_7bb7_b358_30f9_b048_a303_a598_a59b),
        ("visual_analogy/rung0#val:7:1", 0xe61c_b477_aa32_9586_820b_2214_8df2_3b77),
    ] {
        let it = at(address);
        assert_eq!(format!("{:032x}", content(&it)), format!("{hash:032x}"), "{address}");
        let (path, place) = address.split_once('#').unwrap();
        for style in ["full", "terse"] {
            assert_eq!(content(&at(&format!("{path}?style={style}#{place}"))), hash);
        }
    }
}

#[test]
fn progression_keeps_its_direction_between_examples_and_query() {
    let mut seen = BTreeMap::new();
    for it in ["simple", "rung8", "rung11", "hard"].into_iter().flat_map(|level| many(level, 3000)) {
        if it.relation != Relation::Progression {
            continue;
        }
        let course = |domain: Domain, [a, b, c]: [&Sets; 3]| {
            let i = domain.attribute;
            (i == Attribute::Position, directions(i, a.get(i), b.get(i), c.get(i)))
        };
        let mut rows: Vec<(bool, u16)> = (0..it.rows().len())
            .map(|i| course(it.example_domains[i], it.rows[i].each_ref().map(|p| &p.sets)))
            .collect();
        let c = &it.choices[usize::from(it.answer)].sets;
        rows.push(course(it.domain, [&it.query[0].sets, &it.query[1].sets, c]));
        for kind in [true, false] {
            let common = rows.iter().filter(|(moves, _)| *moves == kind).fold(u16::MAX, |all, (_, one)| all & one);
            assert_ne!(common, 0, "{rows:?}");
            if common != u16::MAX {
                *seen.entry((kind, common)).or_insert(0) += 1;
            }
        }
    }
    assert!(seen[&(false, 1)] > 300 && seen[&(false, 2)] > 300, "both ways: {seen:?}");
}

#[test]
fn position_progressions_run_along_rows_columns_and_both_diagonals() {
    let mut seen = [0; 9];
    for it in many("simple?domains=shape_position+shape_type+shape_color", 3000) {
        if (it.domain.attribute, it.relation) == (Attribute::Position, Relation::Progression) {
            let [a, b, c] = it.rows[0].each_ref().map(|panel| panel.sets.get(Attribute::Position));
            let found = directions(Attribute::Position, a, b, c);
            if found.is_power_of_two() {
                seen[found.trailing_zeros() as usize] += 1;
            }
        }
    }
    let total: i32 = seen.iter().sum();
    assert!(total > 300 && seen[1..].iter().all(|n| *n * 16 > total), "{seen:?}");
}

#[test]
fn the_relation_that_no_other_option_shows_is_right_as_often_as_chance() {
    // 61 to 66 of 100 with the ancestor.
    for level in ["simple", "hard"] {
        let right: f64 = many(level, 4000).map(|it| it.shortcuts()[0].1).sum();
        assert!((right / 4000.0 - 0.25).abs() < 0.035, "{level}: {}", right / 4000.0);
    }
}

#[test]
fn the_twin_binds_the_attributes_of_each_object() {
    for it in ["simple", "hard", "rung11", "rung5"].into_iter().flat_map(|level| many(level, 200)) {
        let twin = text(|out| it.twin(out)).replace(['\n', ';'], ",") + ",";
        for panel in it.rows().iter().flatten().chain(&it.query).chain(it.choices()) {
            for object in panel.objects() {
                let words = if panel.sets.lines {
                    format!(
                        "{} {}",
                        words::GRAYS[usize::from(object.gray)],
                        crate::scene::LINE_KINDS[usize::from(object.kind)]
                    )
                } else {
                    let comma = if it.style == Style::Full { "," } else { "" };
                    format!(
                        "{} {} {}{comma} {}",
                        words::SIZES[usize::from(object.size)],
                        words::GRAYS[usize::from(object.gray)],
                        crate::scene::SHAPE_KINDS[usize::from(object.kind)],
                        words::SLOTS[usize::from(object.slot)]
                    )
                };
                assert!(twin.contains(&format!(" {words},")), "{words} in {twin}");
            }
        }
    }
    // And nothing else is said: problems that look different have different twins.
    let all: Vec<Analogy> = many("rung0", 4000).collect();
    let twins: BTreeSet<String> = all.iter().map(|it| text(|out| it.twin(out))).collect();
    assert_eq!(twins.len(), all.iter().map(content).collect::<BTreeSet<_>>().len());
}

#[test]
fn components_count_only_what_is_named_and_right() {
    for it in many("hard", 300) {
        let other = ["AND", "OR", "XOR", "progression"][(it.relation as usize + 1) % 4];
        let verdict = it.verify(format!("Common relation: {other} on line type in example 1 and on shape quantity in example 2.\nOption 9 is consistent: {other} on shape quantity.\nAnswer: 9").as_bytes());
        assert_eq!(verdict.components[..3], [0.0, 0.0, 0.0]);
        assert!(verdict.components[3].is_nan());
        assert!(verdict.steps.iter().all(|step| step.state == State::Wrong), "{:?}", verdict.steps);
        // The ancestor gave credit for words that merely occur.
        let soup = "and or xor progression, shape type, shape color, line type, example 1, example 2, option 1, option 2, option 3, option 4";
        let verdict = it.verify(soup.as_bytes());
        assert_eq!(verdict.outcome, Outcome::Unparsed);
        assert!(verdict.steps.is_empty() && verdict.components[..4].iter().all(|c| c.is_nan()), "{verdict:?}");
    }
}
