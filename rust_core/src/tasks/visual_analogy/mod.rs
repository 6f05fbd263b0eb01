//! Visual analogy: rows of three panels share a relation; find the option that completes the last row.
//!
//! Decisions that refine the task's description:
//! * *Values that stay the same show no relation.* Otherwise every constant attribute would show AND
//!   and OR. The question says so.
//! * *Every option shows exactly one pair of domain and relation with the query*, no two the same. Where
//!   rows differ in domain, no two options share a relation either. So exactly one option fits, under
//!   every reading that the examples support: those are the pairs (or, across domains, the relations)
//!   that all example rows show, and generation keeps on until that is one.
//! * *The query and its options are drawn before it is drawn which option is right.* All options show
//!   pairs that the level asks for, so nobody who ignores the examples can be right more often than one
//!   in the number of options. Levels with `fillers` give this up and state the price in their bounds.
//! * Logical relations on types are asked for with sets that overlap; with nested ones (which a
//!   progression of types beside them needs) only where a pair can be asked for in no other way.
//! * Whoever knows relation and domain but not the query still learns something from the number of values
//!   (AND leaves few, OR many). That is in the relations; distractors are drawn with matching numbers
//!   of values, and `without_query` and `count_of_example` say what is left.
//! * A kind of panel that cannot offer enough pairs has no queries: at HARD the held-out pairs of lines
//!   know two relations only, so lines occur in its examples and its queries are shapes.
//! * HARD has two domains a relation: its examples are in both (in either order), its query in one of
//!   them. With three domains or more, the examples and the query are all different.
//! * A progression keeps its direction: values that rise in one row rise in all, types only ever grow,
//!   and slots move the same way. Across domains slots have no counterpart of up and down.
//! * The terse twin is a line a panel, with each object's attributes together; the full one a line an object.

mod claim;
mod generate;
mod guess;
mod judge;
mod level;
mod panel;
mod problem;
mod relations;
mod sentences;
mod shape;
mod terms;
#[cfg(test)]
mod tests;
mod verify;
mod vocabulary;
mod words;
mod worked;

pub use level::{Fields, VisualAnalogy};
pub use problem::Analogy;

use crate::{
    fingerprint::Fingerprint,
    rationale::{Rationale, push_number},
    rng::Rng,
    scene::{Panel as Drawn, Panels, Scene, Shape},
    task::{Instance, Level},
    verdict::{Answers, Verdict},
};
use panel::Panel;
use relations::{Pairs, Sets, holding};

impl Level for VisualAnalogy {
    const TASK: &'static str = "visual_analogy";
    const LEVELS: &'static str = include_str!("../../../../envs/visual_analogy.toml");
    const WORDING: &'static [&'static str] = &["style"];
    const COMPONENTS: &'static [&'static str] = &["option", "relation", "example_domains", "query_domain"];
    const ABOUT: &'static str = "Infer a relation from example rows and complete the last one.";
    const LENGTH: &'static str = "objects";
    const PARTIAL: &'static str = "relation";
    const PICTURE: [usize; 2] = [900, 800];
    type Instance = Analogy;

    fn check(&self) -> Result<(), String> {
        self.complain()
    }

    fn extreme(&self) -> Scene {
        let shapes = (0..4).map(|size| Shape { kind: 2, gray: 2, size, slot: size }).collect();
        // A line differs from another where a shape does, and sooner.
        let lines = self.fields.domains.iter().all(|domain| domain.starts_with("line"));
        let panel = if lines { Drawn::Lines(vec![]) } else { Drawn::Shapes(shapes) };
        let rows = vec![vec![panel.clone(); 3]; self.fields.examples + 1];
        Scene::Panels(Panels { rows, options: vec![panel; self.fields.options] })
    }

    fn generate(&self, rng: &mut Rng) -> Analogy {
        self.draw(rng)
    }
}

impl Instance for Analogy {
    fn question(&self, out: &mut String) {
        words::question(self, out);
    }

    fn twin(&self, out: &mut String) {
        words::twin(self, out);
    }

    fn rationale(&self) -> Rationale {
        worked::rationale(self)
    }

    fn answer(&self, out: &mut String) {
        push_number(out, usize::from(self.answer) + 1);
    }

    fn features(&self) -> Vec<(&'static str, f64)> {
        let panels = || self.rows().iter().flatten().chain(&self.query).chain(self.choices());
        let objects: usize = panels().map(|panel| panel.objects().len()).sum();
        let attributes: usize = (0..=self.rows().len()).map(|row| self.attributes(row).len()).sum();
        let values = |sets: &Sets| sets.get(self.domain.attribute).count_ones();
        let shown: Pairs = self.rows().iter().map(|[a, b, c]| holding(&a.sets, &b.sets, &c.sets).count_ones()).sum();
        let mut domains: Vec<usize> = self.example_domains[..self.rows().len()].iter().map(|d| d.number()).collect();
        domains.push(self.domain.number());
        domains.sort_unstable();
        domains.dedup();
        let beside = self.shown[..self.choices().len()]
            .iter()
            .filter(|shown| relations::unpair(**shown).0 == self.domain)
            .count();
        vec![
            ("examples", self.rows().len() as f64),
            ("options", self.choices().len() as f64),
            ("objects", objects as f64),
            ("objects_per_panel", objects as f64 / panels().count() as f64),
            ("attributes", attributes as f64),
            ("domains", domains.len() as f64),
            ("relation", f64::from(self.relation as u8)),
            ("query_domain", self.domain.number() as f64),
            ("query_values", f64::from(self.query.iter().map(|panel| values(&panel.sets)).sum::<u32>())),
            // Relations in examples that only another example rules out, and options that only the
            // relation (not the domain) tells apart from the right one.
            ("decoys", f64::from(shown) - self.rows().len() as f64),
            ("rivals", beside as f64 - 1.0),
        ]
    }

    fn shortcuts(&self) -> Vec<(&'static str, f64)> {
        guess::shortcuts(self)
    }

    fn lookups(&self) -> Vec<Fingerprint> {
        guess::lookups(self)
    }

    fn kept(&self, out: &mut String) {
        push_number(out, guess::rank(self));
    }

    fn recalled(&self, answer: &str) -> f64 {
        f64::from(u8::from(answer.parse() == Ok(guess::rank(self))))
    }

    fn scene(&self) -> Scene {
        let mut rows: Vec<Vec<Drawn>> = self.rows().iter().map(|row| row.iter().map(Panel::scene).collect()).collect();
        rows.push(vec![self.query[0].scene(), self.query[1].scene(), Drawn::Unknown]);
        Scene::Panels(Panels { rows, options: self.choices().iter().map(Panel::scene).collect() })
    }

    fn content(&self, hash: &mut Fingerprint) {
        hash.bytes(&[self.examples, self.options, u8::from(self.cross_domain)]);
        self.rows().iter().flatten().chain(&self.query).chain(self.choices()).for_each(|panel| panel.content(hash));
    }

    fn change(&mut self, rng: &mut Rng) {
        self.alter(rng);
    }

    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict {
        verify::verify(self, reply, answers)
    }
}
