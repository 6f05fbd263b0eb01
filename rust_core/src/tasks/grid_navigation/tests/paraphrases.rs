//! Replies in the words of several authors: what is true costs nothing, neither its own line nor the rationale's.

use super::{
    Place, Problem, SYMBOLS,
    authors::{AUTHORS, LEADS, TONES, TRUE},
    free_text::{addresses, cell, faults, problem},
    judged,
};
use crate::{
    rng::Rng,
    task::Instance,
    tasks::grid_navigation::bits::{HEADINGS, Heading},
    verdict::{Reason, Skill, State},
};

/// The walk at one of its cells, and what is around it.
struct Scene<'a> {
    problem: &'a Problem,
    /// The last cell, this one, the next two, as far as there are any.
    cells: [Option<Place>; 4],
    headings: [Option<Heading>; 2],
    /// A heading that an obstacle bars, and one that the edge does.
    barred: Option<(Heading, Place)>,
    edge: Option<Heading>,
    object: Option<Place>,
    moves: usize,
    at: usize,
}

impl<'a> Scene<'a> {
    fn new(problem: &'a Problem, rng: &mut Rng) -> Option<Self> {
        let tour = problem.tour();
        if tour.is_empty() {
            return None;
        }
        let at = rng.below(tour.len());
        let place = |at: usize| if at == 0 { problem.start } else { tour[at - 1].1 };
        let barred = HEADINGS.into_iter().find_map(|heading| {
            let next = problem.step(place(at), heading)?;
            (!problem.free.has(next)).then_some((heading, next))
        });
        let tour_cell = |at: usize| tour.get(at).map(|step| step.1);
        Some(Self {
            problem,
            cells: [at.checked_sub(1).map(place), Some(place(at)), tour_cell(at), tour_cell(at + 1)],
            headings: [Some(tour[at].0), tour.get(at + 1).map(|step| step.0)],
            barred,
            edge: HEADINGS.into_iter().find(|&heading| problem.step(place(at), heading).is_none()),
            object: (!problem.objects.is_empty()).then(|| *rng.pick(&problem.objects)),
            moves: tour.len(),
            at,
        })
    }

    /// A pattern filled in; `None` where something that it speaks of is not there.
    fn say(&self, pattern: &str, spelling: usize) -> Option<String> {
        let named = |place: Place| self.problem.symbol(place).map_or("blank", |symbol| SYMBOLS[symbol].0);
        let spelt = |place: Option<Place>| place.map(|place| cell(place, spelling));
        let heading = |heading: Option<Heading>| heading.map(|heading| heading.name().to_owned());
        let slots = [
            ("{p}", spelt(self.cells[0])),
            ("{f}", spelt(self.cells[1])),
            ("{t}", spelt(self.cells[2])),
            ("{u}", spelt(self.cells[3])),
            ("{h}", heading(self.headings[0])),
            ("{i}", heading(self.headings[1])),
            ("{b}", heading(self.barred.map(|barred| barred.0))),
            ("{x}", spelt(self.barred.map(|barred| barred.1))),
            ("{X}", self.barred.map(|barred| named(barred.1).to_owned())),
            ("{e}", heading(self.edge)),
            ("{o}", spelt(self.object)),
            ("{O}", self.object.map(|object| named(object).to_owned())),
            ("{s}", spelt(Some(self.problem.start))),
            ("{d}", spelt(Some(self.problem.destination))),
            ("{n}", Some((self.at + 1).to_string())),
            ("{N}", Some(self.moves.to_string())),
        ];
        let mut out = pattern.to_owned();
        for (slot, value) in slots {
            if out.contains(slot) {
                out = out.replace(slot, &value?);
            }
        }
        Some(out)
    }
}



#[test]
fn sentences_of_many_authors_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let mut rng = Rng::keyed([index as u64, 9, 2, 6]);
        let own = problem.rationale().text;
        let lines: Vec<&str> = own.lines().collect();
        for &pattern in TRUE {
            let Some(scene) = Scene::new(&problem, &mut rng) else { break };
            let (lead, spelling) = (*rng.pick(&LEADS), rng.below(6));
            let Some(said) = scene.say(&format!("{lead}{pattern}"), spelling) else { continue };
            let mut mixed = lines.clone();
            for _ in 0..3 {
                mixed.insert(rng.below(mixed.len()), &said);
            }
            for reply in [format!("{said}\nThat is all."), format!("{said}\n{own}"), mixed.join("\n")] {
                let faults = faults(&problem, &reply);
                if !faults.is_empty() {
                    alarms.entry(pattern).or_insert((0, format!("{faults:?}\n{reply}"))).0 += 1;
                }
            }
        }
    }
    let told: Vec<_> = alarms.iter().map(|(pattern, (count, first))| (pattern, count, first)).collect();
    assert!(alarms.is_empty(), "{} {told:#?}", alarms.len());
}


#[test]
fn walks_of_many_authors_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let tour = problem.tour();
        let own = problem.rationale().text;
        let answer = own.lines().last().unwrap();
        for (author, [before, step, after]) in AUTHORS.iter().enumerate() {
            for spelling in 0..6 {
                let mut rng = Rng::keyed([0; 4]);
                let Some(mut scene) = Scene::new(&problem, &mut rng) else { break };
                let mut lines = vec![scene.say(before, spelling).unwrap()];
                let mut place = problem.start;
                for (at, &(heading, next)) in tour.iter().enumerate() {
                    scene.cells = [None, Some(place), Some(next), None];
                    (scene.headings, scene.at) = ([Some(heading), None], at);
                    lines.push(scene.say(step, spelling).unwrap());
                    place = next;
                }
                lines.push(scene.say(after, spelling).unwrap());
                lines.push(answer.to_owned());
                let reply = lines.join("\n");
                let faults = faults(&problem, &reply);
                if !faults.is_empty() {
                    alarms.entry((author, spelling)).or_insert(format!("{faults:?}\n{reply}"));
                }
            }
        }
    }
    assert!(alarms.is_empty(), "{} {:#?}", alarms.len(), alarms);
}

#[test]
fn the_rationale_with_a_word_about_each_line_is_right() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let (own, tour) = (problem.rationale(), problem.tour());
        for around in ["At {f}:", "Now at {f}.", "I am at {f}, next is {h} to {t}.", "{h} to {t}", "{f} -> {t}", "Avoid {x}."] {
            let mut rng = Rng::keyed([index as u64, 1, 1, 1]);
            let Some(mut scene) = Scene::new(&problem, &mut rng) else { break };
            let (mut lines, mut place, mut at) = (Vec::new(), problem.start, 0);
            for line in own.text.lines() {
                let moves = line.starts_with("From ") || line.as_bytes().get(3..).is_some_and(|rest| {
                    HEADINGS.iter().any(|heading| rest.starts_with(heading.name().as_bytes()))
                });
                if moves && !line.contains("closed") && at < tour.len() && problem.wording.trace == super::Trace::Path {
                    scene.cells = [None, Some(place), Some(tour[at].1), None];
                    scene.headings = [Some(tour[at].0), None];
                    lines.extend(scene.say(around, index % 6));
                    (place, at) = (tour[at].1, at + 1);
                }
                lines.push(line.to_owned());
            }
            let reply = lines.join("\n");
            let verdict = judged(&problem, &reply);
            let found = verdict.steps.iter().filter(|step| step.state == State::Ok && !step.repeated).count();
            if verdict.steps.iter().any(|step| step.state != State::Ok) || found < own.steps.len() {
                alarms.entry(around).or_insert(format!("{found} of {}: {:?}\n{reply}", own.steps.len(), faults(&problem, &reply)));
            }
        }
    }
    assert!(alarms.is_empty(), "{} {:#?}", alarms.len(), alarms);
}


#[test]
fn what_is_denied_or_hedged_is_never_right_in_any_shape() {
    let shapes = ["From {f} go {h} to {t}", "{f} {h} {t}", "go {h} to {t}", "move {h} from {f} to {t}", "{h} to {t}", "{f} {h} {t} okay"];
    let mut paid = std::collections::BTreeSet::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let Some(&(heading, to)) = problem.tour().first() else { continue };
        let mut rng = Rng::keyed([0; 4]);
        let Some(mut scene) = Scene::new(&problem, &mut rng) else { continue };
        scene.cells = [None, Some(problem.start), Some(to), None];
        scene.headings = [Some(heading), None];
        for shape in shapes {
            for tone in TONES {
                let said = scene.say(&tone.replace("{m}", shape), index % 3).unwrap();
                let steps = judged(&problem, &said).steps;
                if steps.iter().any(|step| step.state == State::Ok) {
                    paid.insert((*tone, shape));
                }
                if steps.iter().any(|step| step.state != State::Ok) {
                    paid.insert((*tone, "an error"));
                }
            }
        }
    }
    assert!(paid.is_empty(), "{} {paid:#?}", paid.len());
}

#[test]
fn a_last_step_left_out_is_told_at_the_conclusion_whatever_was_said_before() {
    let mut tried = 0;
    for index in 0..addresses() {
        let problem = problem(index);
        if problem.shortest.is_none() || problem.tour().len() < 2 {
            continue;
        }
        let own = problem.rationale().text;
        let mut rng = Rng::keyed([0; 4]);
        let scene = Scene::new(&problem, &mut rng).unwrap();
        let talk = scene.say("Let me look at the grid from {s} to {d}, where I am at {s} now.", index).unwrap();
        let mut lines: Vec<&str> = own.lines().collect();
        lines.remove(lines.len() - 2);
        lines.insert(0, &talk);
        let reply = lines.join("\n");
        let last = *judged(&problem, &reply).steps.last().unwrap();
        assert_eq!((last.skill, last.state, last.reason), (Skill::Conclude, State::Unsupported, Reason::Incomplete), "{reply}");
        let bare = own.lines().last().unwrap();
        assert_eq!(faults(&problem, bare), [""; 0]);
        assert_eq!(faults(&problem, &format!("{talk}\n{bare}")), [""; 0]);
        tried += 1;
    }
    assert!(tried * 2 > addresses());
}

#[test]
fn a_line_that_is_denied_or_hedged_takes_nothing_from_those_after_it() {
    for index in 0..addresses() {
        let problem = problem(index);
        let own = problem.rationale().text;
        let lines: Vec<&str> = own.lines().collect();
        let mut rng = Rng::keyed([index as u64, 4, 4, 4]);
        for before in ["Maybe ", "Not sure, but: ", "No obstacle here, so ", "No luck: ", "I will try ", "If I see it right, "] {
            for repeats in [true, false] {
                let place = rng.below(lines.len() - 1);
                let mut told: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
                let doubted = format!("{before}{}", lines[place]);
                if repeats {
                    told.insert(place, doubted);
                } else {
                    told[place] = doubted;
                }
                let reply = told.join("\n");
                let verdict = judged(&problem, &reply);
                let faults: Vec<_> = verdict.steps.iter().filter(|step| step.state != State::Ok).collect();
                // Without its last step the rationale does not carry the answer.
                let last = place + 2 == lines.len() && faults.iter().all(|step| step.reason == Reason::Incomplete);
                assert!(faults.is_empty() || last, "{faults:?}\n{reply}");
                assert_eq!(verdict.steps.len() + usize::from(!repeats), lines.len(), "{reply}");
            }
        }
    }
}

#[test]
fn a_sentence_before_the_line_bears_on_it_only_if_it_says_no_more_than_that() {
    for index in 0..addresses() {
        let problem = problem(index);
        let own = problem.rationale().text;
        let (rest, _) = own.rsplit_once('\n').unwrap();
        for (before, counts) in [
            ("This is not yet the end. ", true), ("I could not see this at first! ", true), ("We are not done; ", true),
            ("No. ", false), ("Not true. ", false), ("Wrong! ", false),
        ] {
            let reply: Vec<String> = rest.lines().map(|line| format!("{before}{line}")).collect();
            let reply = reply.join("\n");
            let steps = judged(&problem, &reply).steps;
            assert!(steps.iter().all(|step| step.state == State::Ok), "{reply}");
            assert_eq!(steps.len(), if counts { rest.lines().count() } else { 0 }, "{reply}");
        }
    }
}

#[test]
fn a_whole_rationale_in_one_line_has_all_its_moves() {
    for index in 0..addresses() {
        let problem = problem(index);
        let own = problem.rationale().text;
        let moves: Vec<&str> = own.lines().filter(|line| line.starts_with("From ")).collect();
        for between in [" ", " Then ", "; ", " And then "] {
            let reply = moves.join(between);
            let steps = judged(&problem, &reply).steps;
            assert!(steps.iter().all(|step| step.state == State::Ok), "{reply}");
            assert_eq!(steps.len(), moves.len(), "{reply}");
        }
    }
}
