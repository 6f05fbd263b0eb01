//! Draws problems: first the query with all its options, then which option is right, then examples.
//!
//! The order is what makes the options useless without the examples: every option continues the
//! query by a pair the level asks for, and each is as likely to be the right one whatever the
//! query and the options look like.

use super::{
    problem::Analogy,
    level::{VisualAnalogy, singles},
    panel::{Panel, subset},
    relations::{
        Attribute, DOMAINS, Domain, Pairs, Relation, Sets, blurred, directions, holding, pair, relations_in, shift,
        unpair,
    },
};
use crate::rng::Rng;

/// How often a part is drawn anew before the whole is.
const TRIES: usize = 48;

/// What attributes are where they do not vary, one draw a problem.
struct Base {
    /// Types and colors of lines.
    lines: [u16; 2],
    /// Type, color and size of shapes.
    shapes: [u16; 3],
    /// Objects in a panel.
    count: usize,
    /// The order in which slots are taken.
    slots: [u8; 9],
}

/// A query: panels A and B, and what continues them.
struct Query {
    context: [Sets; 2],
    options: [Sets; 4],
    shown: [Pairs; 4],
}

/// Values that a panel must show, by attribute.
type Fixed = [Option<u16>; 5];

/// How many values a panel should show where they are up to chance, by attribute; 0 where that is too.
type Hints = [usize; 5];

impl VisualAnalogy {
    /// Draws one problem.
    pub(super) fn draw(&self, rng: &mut Rng) -> Analogy {
        let base = self.base(rng);
        let count = self.fields.options;
        let query = loop {
            let (_, first, among) = *rng.pick(&self.index);
            let choice = self.choices[self.by_pair[first + rng.below(among)] as usize];
            // Tried often before another is drawn, or choices that seldom work out would be rare.
            if let Some(query) = (0..8 * TRIES).find_map(|_| self.query(choice, &base, rng)) {
                break query;
            }
        };
        let mut right = rng.below((0..count).filter(|&i| query.shown[i] & self.asked != 0).count());
        let mut answer = 0;
        for i in (0..count).filter(|&i| query.shown[i] & self.asked != 0) {
            if right == 0 {
                answer = i;
                break;
            }
            right -= 1;
        }
        let (domain, relation) = unpair(query.shown[answer]);
        let [a, b] = &query.context;
        let values = |sets: &Sets| sets.get(domain.attribute);
        let course = if relation == Relation::Progression {
            // Some sets of slots move in several directions at once; the examples keep to one.
            subset(directions(domain.attribute, values(a), values(b), values(&query.options[answer])), 1, rng)
        } else {
            0
        };
        let (domains, rows) = self.examples(domain, relation, course, &base, rng);

        let mut panel = |sets: &Sets| if sets.of[0] == 0 { Panel::default() } else { Panel::draw(*sets, rng) };
        Analogy {
            style: self.fields.style,
            cross_domain: self.fields.cross_domain,
            asked: self.asked,
            answer: answer as u8,
            relation,
            domain,
            examples: self.fields.examples as u8,
            options: count as u8,
            example_domains: domains,
            rows: rows.map(|row| row.each_ref().map(&mut panel)),
            query: query.context.each_ref().map(&mut panel),
            choices: query.options.each_ref().map(&mut panel),
            shown: query.shown,
        }
    }

    fn base(&self, rng: &mut Rng) -> Base {
        let count = rng.between(self.fields.objects.low.max(3), self.fields.objects.high);
        let mut slots = [4, 3, 5, 1, 7, 0, 2, 6, 8];
        if self.fields.plain {
            return Base { lines: [(1 << count) - 1, 1], shapes: [1, 1, 8], count, slots };
        }
        rng.shuffle(&mut slots);
        Base {
            lines: [subset(0x3FF, count, rng), subset(0xF, 1, rng)],
            shapes: [subset(0x1F, 1, rng), subset(0x1F, 1, rng), subset(0xF, 1, rng)],
            count,
            slots,
        }
    }

    /// A query that can be completed by every pair of a choice.
    fn query(&self, choice: Pairs, base: &Base, rng: &mut Rng) -> Option<Query> {
        let lines = choice & 0xFF != 0;
        let mut shown = [0; 4];
        singles(choice).zip(&mut shown).for_each(|(one, place)| *place = one);
        let options = self.fields.options;
        rng.shuffle(&mut shown[..options]);

        let (mut matters, mut progresses) = (0_u8, 0_u8);
        let mut a: Fixed = [None; 5];
        let mut b: Fixed = [None; 5];
        let mut goes_on: Fixed = [None; 5];
        // Progressions first: what logical relations share an attribute with one take its values.
        for &one in shown[..options].iter().filter(|one| **one & 0x8888_8888 != 0) {
            let (domain, _) = unpair(one);
            let i = domain.attribute as usize;
            let [x, y, z] = self.progress(domain, self.course(domain, rng), base, rng)?;
            (a[i], b[i], goes_on[i]) = (Some(x), Some(y), Some(z));
            matters |= 1 << i;
            progresses |= 1 << i;
        }
        for &one in &shown[..options] {
            let (domain, _) = unpair(one);
            let i = domain.attribute as usize;
            if matters >> i & 1 == 0 {
                let [x, y] = self.overlap(domain, base, rng);
                (a[i], b[i]) = (Some(x), Some(y));
                matters |= 1 << i;
            }
        }
        let mut vary = matters | self.varying(lines, matters, rng);
        if !lines && matters & (1 << Attribute::Position as u8) != 0 {
            vary |= 1 << Attribute::Quantity as u8;
        }
        let context =
            [self.panel(lines, &a, &[0; 5], vary, base, rng)?, self.panel(lines, &b, &[0; 5], vary, base, rng)?];
        let mut completed = [Sets::default(); 4];
        for (own, completed) in shown[..options].iter().zip(&mut completed) {
            let (domain, relation) = unpair(*own);
            let i = domain.attribute as usize;
            let (x, y) = (context[0].of[i], context[1].of[i]);
            let mut c: Fixed = [None; 5];
            c[i] = match relation {
                Relation::And => Some(x & y),
                Relation::Or => Some(x | y),
                Relation::Xor => Some(x ^ y),
                Relation::Progression => goes_on[i],
            };
            *completed = (0..TRIES).find_map(|_| {
                let hints = like_the_others(matters, progresses, &context, &goes_on, rng);
                let sets = self.panel(lines, &c, &hints, vary, base, rng)?;
                (holding(&context[0], &context[1], &sets) == *own).then_some(sets)
            })?;
        }
        Some(Query { context, options: completed, shown })
    }

    /// The direction that a query's progression takes, as [`directions`] has it.
    fn course(&self, domain: Domain, rng: &mut Rng) -> u16 {
        if domain.attribute == Attribute::Position {
            return 1 << rng.between(1, 8);
        }
        // Types only grow, so a falling query is left to levels with enough other domains.
        let falls = !self.fields.cross_domain
            || (0..DOMAINS)
                .map(Domain::of)
                .filter(|d| d.attribute != Attribute::Type && self.eligible & pair(*d, Relation::Progression) != 0)
                .count()
                > 2;
        if falls && rng.chance(0.5) { 2 } else { 1 }
    }

    /// Which attributes vary besides those that matter.
    fn varying(&self, lines: bool, matters: u8, rng: &mut Rng) -> u8 {
        let others = u16::from(if lines { 3 & !matters } else { 31 & !matters });
        subset(others, self.fields.vary.min(others.count_ones() as usize), rng) as u8
    }

    /// The most values of a domain that one panel can show.
    fn room(&self, domain: Domain, base: &Base) -> usize {
        let carries = match domain.attribute {
            Attribute::Position | Attribute::Quantity => true,
            Attribute::Type => domain.lines,
            _ => false,
        };
        let objects = if carries || self.fields.vary > 0 { self.fields.objects.high } else { base.count };
        objects.min(domain.values() as usize)
    }

    /// Two sets of values of which each has something of its own and something of the other's.
    fn overlap(&self, domain: Domain, base: &Base, rng: &mut Rng) -> [u16; 2] {
        let union = rng.between(3, self.room(domain, base));
        let common = rng.between(1, union - 2);
        let own = rng.between(1, union - common - 1);
        let all = subset((1 << domain.values()) - 1, union, rng);
        let shared = subset(all, common, rng);
        let first = subset(all & !shared, own, rng);
        [shared | first, all & !first]
    }

    /// Three sets of values that go on in one of the directions `course`.
    fn progress(&self, domain: Domain, course: u16, base: &Base, rng: &mut Rng) -> Option<[u16; 3]> {
        match domain.attribute {
            Attribute::Type => {
                let size = rng.between(3, self.room(domain, base));
                let c = subset((1 << domain.values()) - 1, size, rng);
                let last = subset(c, 1, rng);
                let b = c & !last;
                Some([b & !subset(b, 1, rng), b, c])
            }
            Attribute::Position => {
                let high = self.fields.objects.high.min(8);
                let count = if self.fields.vary > 0 { rng.between(1, high) } else { base.count.min(high) };
                let a = subset(0x1FF, count, rng);
                let n = subset(course, 1, rng).trailing_zeros() as usize;
                let b = shift(a, n);
                (a != b).then(|| [a, b, shift(b, n)])
            }
            _ => {
                let values = if domain.attribute == Attribute::Quantity {
                    self.fields.objects.high as u32
                } else {
                    domain.values()
                };
                let all = subset((1 << values) - 1, 3, rng);
                let low = all & all.wrapping_neg();
                let middle = (all ^ low) & (all ^ low).wrapping_neg();
                let high = all ^ low ^ middle;
                Some(if course & 1 != 0 { [low, middle, high] } else { [high, middle, low] })
            }
        }
    }

    /// A panel that shows the fixed values, with everything else as the base has it or at random.
    /// `None` where the fixed values do not fit each other.
    fn panel(&self, lines: bool, fixed: &Fixed, hints: &Hints, vary: u8, base: &Base, rng: &mut Rng) -> Option<Sets> {
        let varies = |i: usize| vary >> i & 1 == 1;
        let size = |set: u16| set.count_ones() as usize;
        // What an object has at most one of, and what says how many objects there are.
        let (decorations, carrier) = if lines { (1..2, 0) } else { (0..3, 4) };
        let need = decorations.clone().filter_map(|i| fixed[i].map(size)).max().unwrap_or(1);
        let high = self.fields.objects.high;
        let count = match (fixed[carrier], fixed[3]) {
            (Some(set), _) => size(set),
            (_, Some(quantity)) => quantity.trailing_zeros() as usize + 1,
            _ if varies(if lines { 0 } else { 3 }) => match hints[carrier] {
                0 => {
                    let like = decorations.clone().map(|i| hints[i]).max().unwrap_or(0);
                    rng.between(self.fields.objects.low.max(need).max(like).min(high), high)
                }
                hint => hint.clamp(need.min(high), high),
            },
            _ => base.count,
        };
        if !(need..=high).contains(&count) {
            return None;
        }
        let mut of = [0; 5];
        of[carrier] = match fixed[carrier] {
            Some(set) => set,
            None if varies(carrier) => subset(if lines { 0x3FF } else { 0x1FF }, count, rng),
            None if lines => base.lines[0],
            None => base.slots[..count].iter().fold(0, |set, slot| set | 1 << slot),
        };
        if !lines {
            of[3] = 1 << (count - 1);
        }
        for i in decorations {
            let values = Domain { lines, attribute: Attribute::ALL[i] }.values();
            of[i] = match fixed[i] {
                Some(set) => set,
                None if varies(i) => {
                    let size = if hints[i] == 0 { rng.between(1, count.min(3)) } else { hints[i].min(count) };
                    subset((1 << values) - 1, size, rng)
                }
                None if lines => base.lines[i],
                None => base.shapes[i],
            };
        }
        Some(Sets { lines, of })
    }

    fn examples(
        &self,
        query: Domain,
        relation: Relation,
        course: u16,
        base: &Base,
        rng: &mut Rng,
    ) -> ([Domain; 2], [[Sets; 3]; 2]) {
        loop {
            let domains = self.example_domains(query, relation, course, rng);
            let Some((first, shown)) = self.example(domains[0], relation, course, query, base, rng) else { continue };
            if self.fields.examples == 1 {
                if shown == pair(domains[0], relation) {
                    return (domains, [first, [Sets::default(); 3]]);
                }
                continue;
            }
            for _ in 0..TRIES {
                let Some((second, also)) = self.example(domains[1], relation, course, query, base, rng) else { break };
                let common = relations_in(shown) & relations_in(also);
                if common == 1 << relation as u32 {
                    return (domains, [first, second]);
                }
            }
        }
    }

    /// Where the examples show the relation. Without cross_domain where the query does; with it,
    /// all rows differ where there are three domains, else the examples do and the query is like one.
    fn example_domains(&self, query: Domain, relation: Relation, course: u16, rng: &mut Rng) -> [Domain; 2] {
        if !self.fields.cross_domain {
            return [query; 2];
        }
        let falling = course == 2 && !matches!(query.attribute, Attribute::Position | Attribute::Type);
        let mut others = [query; DOMAINS];
        let mut count = 0;
        for other in (0..DOMAINS).map(Domain::of) {
            let barred = other == query || (falling && other.attribute == Attribute::Type);
            if !barred && self.eligible & pair(other, relation) != 0 {
                others[count] = other;
                count += 1;
            }
        }
        rng.choose(&mut others[..count], count.min(2));
        if count == 1 && self.fields.examples == 2 && rng.chance(0.5) {
            others.swap(0, 1);
        }
        [others[0], others[1]]
    }

    /// A row that shows the relation, and all pairs it shows. No domain shows two relations, and
    /// no other domain shows this one.
    fn example(
        &self,
        domain: Domain,
        relation: Relation,
        course: u16,
        query: Domain,
        base: &Base,
        rng: &mut Rng,
    ) -> Option<([Sets; 3], Pairs)> {
        let i = domain.attribute as usize;
        let wanted = pair(domain, relation);
        let same = 0x0111_1111 << relation as u32;
        (0..TRIES).find_map(|_| {
            let values = if relation == Relation::Progression {
                let ordered = |d: Domain| d.attribute != Attribute::Position;
                // Slots move in no direction that another attribute could keep.
                let course = match (ordered(query), ordered(domain)) {
                    (true, true) | (false, false) => course,
                    (true, false) => 0x1FE,
                    (false, true) => 1,
                };
                self.progress(domain, course, base, rng)?
            } else {
                let [a, b] = self.overlap(domain, base, rng);
                [a, b, [a & b, a | b, a ^ b][relation as usize]]
            };
            let vary = self.varying(domain.lines, 1 << i, rng);
            let mut row = [Sets::default(); 3];
            for (sets, set) in row.iter_mut().zip(values) {
                let mut fixed: Fixed = [None; 5];
                fixed[i] = Some(set);
                *sets = self.panel(domain.lines, &fixed, &[0; 5], vary, base, rng)?;
            }
            let shown = holding(&row[0], &row[1], &row[2]);
            (shown & same == wanted && !blurred(shown)).then_some((row, shown))
        })
    }
}

/// How many values to show in the attributes in which other options show their pairs: as many as
/// those have there, so that the number of values does not tell which option is about which attribute.
fn like_the_others(matters: u8, progresses: u8, [a, b]: &[Sets; 2], goes_on: &Fixed, rng: &mut Rng) -> Hints {
    let mut hints = [0; 5];
    for (i, hint) in hints.iter_mut().enumerate() {
        if matters >> i & 1 == 0 || i == Attribute::Quantity as usize || rng.chance(0.25) {
            continue;
        }
        let (x, y) = (a.of[i], b.of[i]);
        let model = match goes_on[i] {
            Some(z) if progresses >> i & 1 == 1 => z,
            _ => [x & y, x | y, x ^ y][rng.below(3)],
        };
        *hint = model.count_ones() as usize;
    }
    hints
}
