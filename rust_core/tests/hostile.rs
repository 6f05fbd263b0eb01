//! What nobody may be paid for, and what everybody must be: replies put together at random around the right answer.
//!
//! `AVRGYM_REPLIES=10000 cargo test --release --test hostile` tries that many replies a task; the suite fewer.

mod values;

use _core::{
    address::Address,
    rng::Rng,
    task::Instance,
    tasks,
    verdict::{Outcome, State},
};
use values::{off_by_one, reworded};

/// How many replies a task gets.
fn replies() -> usize {
    std::env::var("AVRGYM_REPLIES").ok().and_then(|count| count.parse().ok()).unwrap_or(1500)
}

/// What hedges, listings and echoes are made of.
struct Sample {
    instance: Box<dyn Instance>,
    right: String,
    wrong: String,
    others: Vec<String>,
    prompt: String,
}

fn written(write: impl Fn(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

/// The `n`-th sample of a task, all levels in turn and every other time in other words, with an answer that its judge
/// refuses.
fn sample(task: &str, n: usize) -> Sample {
    let levels = tasks::levels(task).expect("the task is registered");
    let level = levels[n % levels.len()];
    let wording = if (n / levels.len()).is_multiple_of(2) {
        String::new()
    } else {
        reworded(task, level, &mut Rng::keyed([n as u64, 3, 0, 0]))
    };
    let at = |index: usize| {
        format!("{task}/{level}{wording}#val:77:{index}").parse::<Address>().expect("the level is there").resolve()
    };
    let instance = at(n);
    let right = written(|out| instance.answer(out));
    let correct = |reply: &str| instance.verify(format!("Answer: {reply}").as_bytes()).outcome == Outcome::Correct;
    let others: Vec<String> =
        (1..12).map(|k| written(|out| at(n + k).answer(out))).filter(|other| *other != right).collect();
    let mut changed = [off_by_one(&right), format!("{right}, {right}")].into_iter();
    let wrong = others.iter().find(|other| !correct(other)).cloned();
    let wrong = wrong.or_else(|| changed.find(|other| !correct(other))).expect("some answer is wrong");
    let prompt = written(|out| {
        instance.question(out);
        out.push('\n');
        instance.twin(out);
    });
    Sample { instance, right, wrong, others, prompt }
}

const PLACES: [&str; 9] = [
    "Answer: {}",
    "**Answer:** {}",
    "<answer>{}</answer>",
    "\\boxed{{}}",
    "Answer: \\boxed{{}}",
    "Answer: <answer>{}</answer>",
    "The answer is {}.",
    "### Answer\n{}",
    "{\"answer\": \"{}\"}",
];
const HEDGES: [&str; 26] = [
    "{r} or {w}",
    "{w} or {r}",
    "{r}, or {w}",
    "{r} / or / {w}",
    "either {r} or {w}",
    "{r} (or {w})",
    "maybe {r}",
    "{r}?",
    "not {r}",
    "{r} [{w}]",
    "[{r}] [{w}]",
    "[{r}], [{r}, {w}]",
    "({r}) ({w})",
    "probably {r}",
    "{r} i think",
    "{r} alternatively {w}",
    "{r} vs {w}",
    "anything but {r}",
    "{r} = {w}",
    "{r} ... {w}",
    "one of {r}; {w}",
    "{r} \\text{ or } {w}",
    "{r}</s> or {w}",
    "could be {r}",
    "{r} if not {w}",
    "\\boxed{{r}} or \\boxed{{w}}",
];
/// Two places that disagree, or a place and what takes it back.
const PAIRS: [&str; 15] = [
    "{1r}\n{2w}",
    "{1w}\n{2r}",
    "{1r} {2w}",
    "{1r}\n\n{2w}\n\nDone.",
    "{1r}\nor {w}",
    "{1r}\nor maybe {w}",
    "{1r}\n\n{w}",
    "{1r}\nAlternatively, {w}",
    "{1r}\nNo wait, {w}",
    "{1r}, or {1w}",
    "{1r}\n{1r} or {w}",
    "<think>{1r}",
    "<think>{1r}</think>",
    "{1r}</think>",
    "<think>{1r}</think>{1w}",
];

/// A random pick.
fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.below(from.len())]
}

fn put(place: &str, what: &str) -> String {
    place.replacen("{}", what, 1)
}

fn hostile(rng: &mut Rng, sample: &Sample) -> String {
    let Sample { right, wrong, others, prompt, .. } = sample;
    let fill = |text: &str| text.replace("{r}", right).replace("{w}", wrong);
    match rng.below(10) {
        0..=3 => put(pick(rng, &PLACES), &fill(pick(rng, &HEDGES))),
        4..=6 => {
            // The last of several `Answer:` lines is the answer, so the pair must not end in the right one that way.
            let (one, two) = (pick(rng, &PLACES[..6]), pick(rng, &PLACES[2..4]));
            fill(pick(rng, &PAIRS))
                .replace("{1r}", &put(one, right))
                .replace("{1w}", &put(pick(rng, &PLACES[2..4]), wrong))
                .replace("{2r}", &put(two, right))
                .replace("{2w}", &put(two, wrong))
        }
        7 => prompt.clone(),
        8 => {
            let listed: Vec<&str> = others.iter().map(String::as_str).chain([right.as_str()]).collect();
            let joint = pick(rng, &[" | ", "\n", "; ", "\nAnswer: ", "\n\n"]);
            let mut all = listed.join(joint);
            // Told line by line, the last line is the answer: let it be a wrong one.
            all.push_str(joint);
            all.push_str(wrong);
            put(pick(rng, &PLACES[..6]), &all)
        }
        _ => format!("{prompt}\n{} {right}", pick(rng, &["I considered", "One might say", "Not", "If", "Candidates:"])),
    }
}

#[test]
fn no_hostile_reply_is_paid() {
    for task in tasks::IDS {
        let mut rng = Rng::keyed([task.len() as u64, 1, 0, 0]);
        let mut paid = Vec::new();
        for n in 0..replies() {
            let sample = sample(task, n);
            let reply = hostile(&mut rng, &sample);
            if sample.instance.verify(reply.as_bytes()).outcome == Outcome::Correct {
                paid.push(reply);
            }
        }
        assert!(paid.is_empty(), "{task}: {} paid, {:#?}", paid.len(), &paid[..paid.len().min(12)]);
    }
}

/// Wrappers that leave an answer what it is, by what they may hold.
const MARKED: [&str; 8] = [
    "Answer: {}",
    "**Answer:** {}",
    "final answer: {}",
    "<answer>{}</answer>",
    "<ANSWER>\n{}\n</ANSWER>",
    "\\boxed{{}}",
    "$\\boxed{{}}$",
    "Answer:\n{}",
];
const DRESSED: [&str; 18] = [
    "{}",
    "{}.",
    "**{}**",
    "`{}`",
    "\"{}\"",
    "[{}]",
    "({})",
    "\\text{{}}",
    "\\textbf{{}}",
    "\\mathrm{{}}",
    "\\texttt{{}}",
    "${}$",
    "「{}」",
    "【{}】。",
    "“{}”",
    "\\left[{}\\right]",
    "~{}~",
    "\\({}\\)",
];
const AFTER: [&str; 10] = [
    "",
    "<|im_end|>",
    "<|eot_id|>",
    "</s>",
    "\nThat was it.",
    "\n\nI checked every step twice.",
    "\nDouble-checking my answer: it matches.",
    "<end_of_turn>\n",
    "\n---\n",
    "\n<|endoftext|>",
];
const BEFORE: [&str; 9] = [
    "",
    "Let me see.\n",
    "<think>Maybe {w}? Answer: {w} \\boxed{{w}} <answer>{w}</answer></think>\n",
    "{w}? No.</think>",
    "<thinking>\nAnswer: {w}\n</thinking>\n",
    "Answer: {w}\nNo, that was wrong.\n",
    "> ",
    "1. ",
    "## Result\n",
];

#[test]
fn every_documented_form_is_right_in_every_other() {
    for task in tasks::IDS {
        let mut rng = Rng::keyed([task.len() as u64, 2, 0, 0]);
        let mut refused = Vec::new();
        for n in 0..replies() {
            let sample = sample(task, n);
            let separator =
                pick(&mut rng, &[", ", " ", "; ", " -> ", " → ", " / ", " | ", " and ", " => ", ",\n", "、"]);
            let spelled = sample.right.replace(", ", separator);
            let dressed = put(pick(&mut rng, &DRESSED), &spelled);
            let mut outermost = pick(&mut rng, &MARKED);
            let inner = put(outermost, &dressed);
            let nested = match rng.below(3) {
                0 => inner,
                1 => {
                    outermost = pick(&mut rng, &MARKED);
                    put(outermost, &inner)
                }
                _ => format!("{inner}\n{}", put(pick(&mut rng, &MARKED), &sample.right)),
            };
            let before = pick(&mut rng, &BEFORE).replace("{w}", &sample.wrong);
            let before =
                if before.starts_with("Answer") && !outermost.contains("nswer:") { String::new() } else { before };
            let reply = format!("{before}{nested}{}", pick(&mut rng, &AFTER));
            let verdict = sample.instance.verify(reply.as_bytes());
            let false_alarm = verdict.steps.iter().any(|step| !step.thought && step.state == State::Wrong);
            if verdict.outcome != Outcome::Correct || false_alarm {
                refused.push(format!("{:?} {false_alarm} {}\n{reply}", verdict.outcome, sample.right));
            }
        }
        refused.sort_by_key(String::len);
        assert!(
            refused.is_empty(),
            "{task}: {} refused\n{}",
            refused.len(),
            refused[..refused.len().min(5)].join("\n\n")
        );
    }
}
