//! What a level may set, and the choices of options that it comes to.

use serde::Deserialize;

use super::relations::{
    ALL_PAIRS, Attribute, DOMAINS, Domain, HARD_PAIRS, Pairs, Relation, pair, relations_in, unpair,
};
use crate::task::{Bounds, Style};

/// The fields of a level as a file gives them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// Wording of question, twin and rationale.
    pub style: Style,
    /// `simple`, `hard` or `all`: which of the 25 pairs occur.
    pub pairs: String,
    /// Which relations occur.
    pub relations: Vec<String>,
    /// Which domains occur.
    pub domains: Vec<String>,
    /// Example rows.
    pub examples: usize,
    /// Options.
    pub options: usize,
    /// Whether rows differ in domain.
    pub cross_domain: bool,
    /// Whether wrong options may show pairs that the level never asks for.
    pub fillers: bool,
    /// Objects in a panel where nothing else decides it; the high end holds for every panel.
    pub objects: Bounds,
    /// How many attributes vary besides those that matter.
    pub vary: usize,
    /// Whether attributes that do not vary take their plainest value.
    pub plain: bool,
}

/// A level: its fields, and what follows from them.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct VisualAnalogy {
    /// As given.
    pub fields: Fields,
    /// The pairs that rows may show.
    pub eligible: Pairs,
    /// The pairs that queries ask for.
    pub asked: Pairs,
    /// Every set of pairs that the options of one query can show, one pair each.
    pub choices: Vec<Pairs>,
    /// For each pair that is asked for, the choices that contain it, as (pair bit, first, count) into `by_pair`.
    pub index: Vec<(Pairs, usize, usize)>,
    /// Numbers of choices, grouped by pair.
    pub by_pair: Vec<u32>,
    /// What is wrong with the names given.
    complaint: Option<String>,
}

impl From<Fields> for VisualAnalogy {
    fn from(fields: Fields) -> Self {
        let (eligible, complaint) = match eligible(&fields) {
            Ok(pairs) => (pairs, None),
            Err(why) => (0, Some(why)),
        };
        let mut level =
            Self { fields, eligible, asked: 0, choices: Vec::new(), index: Vec::new(), by_pair: Vec::new(), complaint };
        if (2..=4).contains(&level.fields.options) {
            level.plan();
        }
        level
    }
}

/// The pairs that the names select.
fn eligible(fields: &Fields) -> Result<Pairs, String> {
    let selected = match fields.pairs.as_str() {
        "simple" => ALL_PAIRS & !HARD_PAIRS,
        "hard" => HARD_PAIRS,
        "all" => ALL_PAIRS,
        other => return Err(format!("pairs={other} is none of simple, hard, all")),
    };
    for name in &fields.relations {
        if !Relation::ALL.iter().any(|relation| relation.key() == name) {
            return Err(format!("relations={name} is none of and, or, xor, progression"));
        }
    }
    let domains: Vec<Domain> = (0..DOMAINS).map(Domain::of).collect();
    for name in &fields.domains {
        if !domains.iter().any(|domain| domain.key() == name) {
            let known: Vec<&str> = domains.iter().map(|domain| domain.key()).collect();
            return Err(format!("domains={name} is none of {}", known.join(", ")));
        }
    }
    let mut pairs = 0;
    for domain in domains.into_iter().filter(|domain| fields.domains.iter().any(|name| name == domain.key())) {
        for relation in Relation::ALL {
            if fields.relations.iter().any(|name| name == relation.key()) {
                pairs |= pair(domain, relation) & selected;
            }
        }
    }
    Ok(pairs)
}

const LINES: Pairs = 0xFF;

impl VisualAnalogy {
    /// Whether one pair of panels A and B can be continued in both ways. Types in progression are
    /// nested, so what the logical relations make of them is poor; `nested` allows for that.
    fn agree(&self, one: Pairs, other: Pairs, nested: bool) -> bool {
        let ((d, r), (e, s)) = (unpair(one), unpair(other));
        if d.lines != e.lines || (self.fields.cross_domain && r == s) {
            return false;
        }
        let progressions = usize::from(r == Relation::Progression) + usize::from(s == Relation::Progression);
        if d == e {
            return progressions == 0 || (nested && d.attribute == Attribute::Type);
        }
        // The number of slots taken is the quantity.
        let counts = |(d, r): (Domain, Relation)| d.attribute == Attribute::Quantity && r == Relation::Progression;
        let places = |d: Domain| d.attribute == Attribute::Position;
        !((counts((d, r)) && places(e)) || (counts((e, s)) && places(d)))
    }

    /// Whether examples in other domains can be had for a query that asks for this pair.
    fn transfers(&self, asked: Pairs) -> bool {
        let (domain, relation) = unpair(asked);
        let others = (0..DOMAINS).map(Domain::of).filter(|other| *other != domain);
        !self.fields.cross_domain || others.into_iter().any(|other| self.eligible & pair(other, relation) != 0)
    }

    fn plan(&mut self) {
        let fillers = if self.fields.fillers {
            let domains = (0..DOMAINS).filter(|d| self.eligible >> (4 * d) & 15 != 0);
            domains.fold(0, |pairs, d| pairs | 15 << (4 * d)) & ALL_PAIRS
        } else {
            0
        };
        let asked = singles(self.eligible).filter(|one| self.transfers(*one)).fold(0, |set, one| set | one);
        let candidates: Vec<Pairs> = singles(asked | fillers).collect();
        let mut choices = Vec::new();
        self.grow(&candidates, 0, 0, false, &mut choices);
        // Some pairs can be asked for in no other way, such as progression of line types at SIMPLE.
        let covered = choices.iter().fold(0, |set, choice| set | choice);
        let mut more = Vec::new();
        self.grow(&candidates, 0, 0, true, &mut more);
        choices.extend(more.into_iter().filter(|choice| choice & asked & !covered != 0));
        // Fillers only where there is nothing better.
        for family in [LINES, !LINES] {
            let own = |choice: &Pairs| choice & family != 0;
            let best = choices.iter().filter(|c| own(c)).map(|c| (c & asked).count_ones()).max().unwrap_or(0);
            choices.retain(|c| !own(c) || ((c & asked).count_ones() == best && best >= 1));
        }
        self.asked = choices.iter().fold(0, |set, choice| set | choice) & asked;
        for one in singles(self.asked) {
            let first = self.by_pair.len();
            self.by_pair.extend((0_u32..).zip(&choices).filter(|(_, choice)| *choice & one != 0).map(|(i, _)| i));
            self.index.push((one, first, self.by_pair.len() - first));
        }
        self.choices = choices;
    }

    fn grow(&self, candidates: &[Pairs], from: usize, chosen: Pairs, nested: bool, found: &mut Vec<Pairs>) {
        if chosen.count_ones() as usize == self.fields.options {
            found.push(chosen);
            return;
        }
        for (i, &one) in candidates.iter().enumerate().skip(from) {
            if singles(chosen).all(|other| self.agree(one, other, nested)) {
                self.grow(candidates, i + 1, chosen | one, nested, found);
            }
        }
    }

    /// Whether problems can be made.
    pub fn complain(&self) -> Result<(), String> {
        let fields = &self.fields;
        if let Some(why) = &self.complaint {
            return Err(why.clone());
        }
        let within = |key: &str, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!("{key}={value} is out of range; give {least} to {most}"))
            }
        };
        within("examples", fields.examples, 1, 2)?;
        within("options", fields.options, 2, 4)?;
        within("vary", fields.vary, 0, 4)?;
        fields.objects.check("objects", 1, super::panel::MOST)?;
        let Bounds { low, high } = fields.objects;
        let quantity = Domain { lines: false, attribute: Attribute::Quantity };
        let least = if self.eligible & pair(quantity, Relation::Progression) == 0 { 3 } else { 4 };
        if low > 6 || high < least {
            return Err(format!("objects={low}-{high} is out of range; give a-b with a <= 6 and b >= {least}"));
        }
        if self.eligible == 0 {
            return Err(format!(
                "pairs={}, relations={} and domains={} leave nothing; widen one of them",
                fields.pairs,
                fields.relations.join("+"),
                fields.domains.join("+")
            ));
        }
        if self.choices.is_empty() {
            return Err(format!(
                "options={} is too many for {} pairs of domain and relation ({} relations){}; give fewer options, more relations or domains, or fillers=true",
                fields.options,
                self.eligible.count_ones(),
                relations_in(self.eligible).count_ones(),
                if fields.cross_domain { ", each in at least two domains" } else { "" },
            ));
        }
        Ok(())
    }
}

/// The members of a set, each as a set of one.
pub fn singles(pairs: Pairs) -> impl Iterator<Item = Pairs> {
    let mut rest = pairs;
    std::iter::from_fn(move || {
        (rest != 0).then(|| {
            let one = rest & rest.wrapping_neg();
            rest ^= one;
            one
        })
    })
}
