//! Rationales: the values of every attribute and the relation they show, the common relation, what
//! each option makes of the query, the answer.

use super::{
    problem::Analogy,
    relations::{Attribute, Domain, Relation, unpair},
    words::{self, ATTRIBUTES},
};
use crate::{
    rationale::{Rationale, Worked, push_number},
    task::Style,
    verdict::Skill,
};

/// The worked steps in the style of the problem.
pub fn rationale(analogy: &Analogy) -> Rationale {
    written(analogy, analogy.style)
}

/// The worked steps in either style.
pub fn written(analogy: &Analogy, style: Style) -> Rationale {
    let mut out = match style {
        Style::Full => Rationale { text: String::with_capacity(4096), steps: Vec::with_capacity(96) },
        Style::Terse => Rationale { text: String::with_capacity(512), steps: Vec::with_capacity(24) },
    };
    match style {
        Style::Full => full(analogy, &mut out),
        Style::Terse => terse(analogy, &mut out),
    }
    out.step(Skill::Conclude, |text| {
        text.push_str("Answer: ");
        push_number(text, usize::from(analogy.answer) + 1);
    });
    out
}

fn full(analogy: &Analogy, out: &mut Rationale) {
    let query = analogy.rows().len();
    for row in 0..query {
        for &attribute in analogy.attributes(row) {
            out.step(Skill::Read, |text| {
                text.push_str("Example ");
                push_number(text, row + 1);
                row_values(analogy, row, attribute, text);
            });
            compare(out, Skill::Compare, sentence(analogy.shows(row, attribute)));
            out.text.push('.');
        }
    }
    out.step(Skill::InferRule, |text| {
        text.push_str("Common relation: ");
        text.push_str(sentence(Some(analogy.relation)));
        let on = |i: usize, text: &mut String| {
            text.push_str(" on ");
            text.push_str(words::domain(analogy.example_domains[i]));
        };
        if !analogy.cross_domain {
            on(0, text);
            return;
        }
        for row in 0..query {
            text.push_str(if row == 0 { "" } else { " and" });
            on(row, text);
            text.push_str(" in example ");
            push_number(text, row + 1);
        }
    });
    out.text.push('.');
    // Without cross_domain the attribute is known by then, and only it counts.
    let own = [analogy.domain.attribute];
    let attributes = if analogy.cross_domain { analogy.attributes(query) } else { &own };
    for &attribute in attributes {
        out.step(Skill::Read, |text| {
            text.push_str("Query");
            row_values(analogy, query, attribute, text);
        });
        out.text.push('.');
    }
    let lines = analogy.lines(query);
    for (option, panel) in analogy.choices().iter().enumerate() {
        for &attribute in attributes {
            let domain = Domain { lines, attribute };
            out.step(Skill::Read, |text| {
                text.push_str("Option ");
                push_number(text, option + 1);
                text.push_str(", ");
                text.push_str(words::domain(domain));
                text.push_str(": ");
                words::values(domain, panel.sets.get(attribute), ", ", text);
            });
            compare(out, Skill::ApplyRule, sentence(analogy.completes(option, attribute)));
            out.text.push('.');
        }
        out.step(Skill::Conclude, |text| {
            let fits = option == usize::from(analogy.answer);
            text.push_str("Option ");
            push_number(text, option + 1);
            text.push_str(if fits { " is consistent: " } else { " is not consistent: " });
            let (domain, relation) = if analogy.cross_domain {
                let (domain, relation) = unpair(analogy.shown[option]);
                (domain, Some(relation))
            } else {
                (analogy.domain, analogy.completes(option, analogy.domain.attribute))
            };
            text.push_str(sentence(relation));
            text.push_str(" on ");
            text.push_str(words::domain(domain));
        });
        out.text.push('.');
    }
}

/// `, shape type: A circle, square; B square; C square`, without C in the query.
fn row_values(analogy: &Analogy, row: usize, attribute: Attribute, text: &mut String) {
    let domain = Domain { lines: analogy.lines(row), attribute };
    text.push_str(", ");
    text.push_str(words::domain(domain));
    let panels = if row < analogy.rows().len() { 3 } else { 2 };
    for (set, before) in analogy.values(row, attribute).into_iter().zip([": A ", "; B ", "; C "]).take(panels) {
        text.push_str(before);
        words::values(domain, set, ", ", text);
    }
}

fn terse(analogy: &Analogy, out: &mut Rationale) {
    let query = analogy.rows().len();
    for row in 0..query {
        let domain = analogy.example_domains[row];
        out.step(Skill::Read, |text| {
            text.push('e');
            push_number(text, row + 1);
            short_values(analogy, row, domain, 3, text);
        });
        compare(out, Skill::Compare, word(Some(analogy.relation)));
    }
    out.step(Skill::InferRule, |text| {
        text.push_str("rule ");
        text.push_str(word(Some(analogy.relation)));
    });
    out.step(Skill::Read, |text| {
        text.push('q');
        short_values(analogy, query, analogy.domain, 2, text);
    });
    for (option, panel) in analogy.choices().iter().enumerate() {
        out.step(Skill::Read, |text| {
            text.push('o');
            push_number(text, option + 1);
            text.push(' ');
            words::values(analogy.domain, panel.sets.get(analogy.domain.attribute), " ", text);
        });
        compare(out, Skill::ApplyRule, word(analogy.completes(option, analogy.domain.attribute)));
    }
}

/// ` type circle square; square; square`.
fn short_values(analogy: &Analogy, row: usize, domain: Domain, panels: usize, text: &mut String) {
    text.push(' ');
    text.push_str(ATTRIBUTES[domain.attribute as usize]);
    for (panel, set) in analogy.values(row, domain.attribute).into_iter().take(panels).enumerate() {
        text.push_str(if panel == 0 { " " } else { "; " });
        words::values(domain, set, " ", text);
    }
}

/// Adds `: RELATION` to the line as a step of its own.
fn compare(out: &mut Rationale, skill: Skill, relation: &str) {
    out.text.push_str(": ");
    let start = out.text.len() as u32;
    out.text.push_str(relation);
    out.steps.push(Worked { start, end: out.text.len() as u32, skill });
}

fn sentence(relation: Option<Relation>) -> &'static str {
    relation.map_or("no relation", |relation| ["AND", "OR", "XOR", "progression"][relation as usize])
}

fn word(relation: Option<Relation>) -> &'static str {
    relation.map_or("none", Relation::key)
}
