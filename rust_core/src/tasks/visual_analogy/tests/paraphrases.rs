//! True sentences about an analogy, as people write them: what a judge must not take amiss.

use super::super::{
    panel::bits,
    relations::{Attribute, Domain, Relation, unpair},
    words::{self, ATTRIBUTES},
    *,
};

/// A problem and what of it to speak of.
pub struct Spoken<'a> {
    pub of: &'a Analogy,
    /// Picks the example, the attribute and the option.
    pub n: usize,
}

impl Spoken<'_> {
    /// The example's index.
    pub fn row(&self) -> usize {
        self.n % self.of.rows().len()
    }

    /// The option's index.
    pub fn option(&self) -> usize {
        self.n / 3 % self.of.choices().len()
    }

    /// An option that is wrong.
    pub fn wrong(&self) -> usize {
        (usize::from(self.of.answer) + 1 + self.n % (self.of.choices().len() - 1)) % self.of.choices().len()
    }

    pub fn right(&self) -> usize {
        usize::from(self.of.answer)
    }

    fn pick(&self, row: usize) -> Attribute {
        let attributes = self.of.attributes(row);
        attributes[self.n / 2 % attributes.len()]
    }

    /// An attribute of the example.
    pub fn attribute(&self) -> Attribute {
        self.pick(self.row())
    }

    /// One of the query and the options.
    pub fn asked(&self) -> Attribute {
        self.pick(self.of.rows().len())
    }

    fn name(&self, row: usize, attribute: Attribute) -> &'static str {
        words::domain(Domain { lines: self.of.lines(row), attribute })
    }

    /// `shape type`, of the example.
    pub fn domain(&self) -> &'static str {
        self.name(self.row(), self.attribute())
    }

    /// The same of the query.
    pub fn asked_domain(&self) -> &'static str {
        self.name(self.of.rows().len(), self.asked())
    }

    /// The domain of the answer.
    pub fn answer_domain(&self) -> &'static str {
        words::domain(self.of.domain)
    }

    /// The domain that shows the relation in the example.
    pub fn shown_domain(&self) -> &'static str {
        words::domain(self.of.example_domains[self.row()])
    }

    /// `circle, square`: what a panel of the example holds, joined.
    pub fn panel(&self, panel: usize, between: &str) -> String {
        let row = self.row();
        let domain = Domain { lines: self.of.lines(row), attribute: self.attribute() };
        joined(domain, self.of.values(row, self.attribute())[panel], between)
    }

    /// What a panel of the query holds.
    pub fn query(&self, panel: usize, between: &str) -> String {
        let row = self.of.rows().len();
        let domain = Domain { lines: self.of.lines(row), attribute: self.asked() };
        joined(domain, self.of.values(row, self.asked())[panel], between)
    }

    /// What an option holds.
    pub fn choice(&self, option: usize, between: &str) -> String {
        let domain = Domain { lines: self.of.lines(self.of.rows().len()), attribute: self.asked() };
        joined(domain, self.of.choices()[option].sets.get(self.asked()), between)
    }

    /// A value that no panel A of the example holds, of the attribute, if there is one.
    pub fn absent(&self) -> String {
        let row = self.row();
        let domain = Domain { lines: self.of.lines(row), attribute: self.attribute() };
        let all = (1_u16 << domain.values()) - 1;
        let set = all & !self.of.values(row, self.attribute())[0];
        bits(set).next().map_or("elephant", |value| words::value(domain, value)).to_owned()
    }

    /// What the example shows in the attribute.
    pub fn shows(&self) -> &'static str {
        named(self.of.shows(self.row(), self.attribute()))
    }

    /// What an option makes of the query in the attribute.
    pub fn completes(&self, option: usize) -> &'static str {
        named(self.of.completes(option, self.asked()))
    }

    /// The pair that an option shows.
    pub fn pair(&self, option: usize) -> (&'static str, &'static str) {
        let (domain, relation) = unpair(self.of.shown[option]);
        (named(Some(relation)), words::domain(domain))
    }

    pub fn relation(&self) -> &'static str {
        named(Some(self.of.relation))
    }

    /// Another relation.
    pub fn other(&self) -> &'static str {
        named(Some(Relation::ALL[(self.of.relation as usize + 1 + self.n % 3) % 4]))
    }

    /// `A circle, square; B square; C square`.
    pub fn panels(&self) -> String {
        format!("A {}; B {}; C {}", self.panel(0, ", "), self.panel(1, ", "), self.panel(2, ", "))
    }

    /// The objects of a panel of the example, each in words.
    fn objects(&self) -> String {
        let panel = &self.of.rows()[self.row()][self.n % 3];
        let one = |object: &panel::Object| {
            let gray = words::GRAYS[usize::from(object.gray)];
            if panel.sets.lines {
                format!("a {gray} {}", crate::scene::LINE_KINDS[usize::from(object.kind)])
            } else {
                let (size, kind) = (words::SIZES[usize::from(object.size)], crate::scene::SHAPE_KINDS[usize::from(object.kind)]);
                format!("a {size} {gray} {kind} at the {}", words::SLOTS[usize::from(object.slot)])
            }
        };
        panel.objects().iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

fn joined(domain: Domain, set: u16, between: &str) -> String {
    let mut out = String::new();
    words::values(domain, set, between, &mut out);
    out
}

fn named(relation: Option<Relation>) -> &'static str {
    relation.map_or("no relation", |relation| ["AND", "OR", "XOR", "progression"][relation as usize])
}

/// A sentence about a problem.
pub type Say = fn(&Spoken) -> String;

/// Each is true of every problem, whenever it is said.
pub const TRUE: &[(&str, Say)] = &[
    // Values in free words.
    ("panel shows", |s| format!("In example {}, panel A shows {}.", s.row() + 1, s.panel(0, " and "))),
    ("panels in words", |s| {
        format!("Example {}: the {}s are {} in A, {} in B and {} in C.", s.row() + 1, s.domain(), s.panel(0, " and "), s.panel(1, " and "), s.panel(2, " and "))
    }),
    ("a holds", |s| format!("For {} in example {}, A has {}, B has {}, C has {}.", s.domain(), s.row() + 1, s.panel(0, " and "), s.panel(1, " and "), s.panel(2, " and "))),
    ("partial", |s| format!("Example {}, {}: A {}.", s.row() + 1, s.domain(), s.panel(0, ", "))),
    ("partial b", |s| format!("Example {}, {}: B {}; C {}", s.row() + 1, s.domain(), s.panel(1, ", "), s.panel(2, ", "))),
    ("first value", |s| format!("Example {}, {}: panel A starts with {}.", s.row() + 1, s.domain(), s.panel(0, "\n").lines().next().unwrap())),
    ("among", |s| format!("Example {} has {} among its {}s in panel B.", s.row() + 1, s.panel(1, "\n").lines().last().unwrap(), s.domain())),
    ("objects", |s| format!("Example {}, panel {}: {}.", s.row() + 1, ["A", "B", "C"][s.n % 3], s.objects())),
    ("objects of the query", |s| format!("The query row's {} is {} in panel A and {} in panel B.", s.asked_domain(), s.query(0, " and "), s.query(1, " and "))),
    ("query so far", |s| format!("Query, {}: A {}.", s.asked_domain(), s.query(0, ", "))),
    ("query missing", |s| format!("Query, {}: A {}; B {}; C is missing.", s.asked_domain(), s.query(0, ", "), s.query(1, ", "))),
    ("query and mark", |s| format!("Query, {}: A {}; B {}; C ?", s.asked_domain(), s.query(0, ", "), s.query(1, ", "))),
    ("option holds", |s| format!("Option {} has the {}s {}.", s.option() + 1, s.asked_domain(), s.choice(s.option(), " and "))),
    ("option first", |s| format!("Option {}, {}: {}.", s.option() + 1, s.asked_domain(), s.choice(s.option(), "\n").lines().next().unwrap())),
    ("bracketed", |s| format!("Option {} ({} = {})", s.option() + 1, s.asked_domain(), s.choice(s.option(), "/"))),
    ("count", |s| format!("Panel A of example {} shows {} objects.", s.row() + 1, s.of.rows()[s.row()][0].objects().len())),
    ("sets", |s| format!("{} in example {}: {{{}}} -> {{{}}} -> {{{}}}", s.domain(), s.row() + 1, s.panel(0, ", "), s.panel(1, ", "), s.panel(2, ", "))),
    ("arrow", |s| format!("Example {}, {}: {} → {} → {}", s.row() + 1, s.domain(), s.panel(0, " "), s.panel(1, " "), s.panel(2, " "))),
    // Relations in sentences.
    ("relation first", |s| format!("The relation in example {} is {} on {}.", s.row() + 1, s.relation(), s.shown_domain())),
    ("shows", |s| format!("Example {} shows {} on {}.", s.row() + 1, s.shows(), s.domain())),
    ("follows", |s| format!("{} is what example {} follows in {}.", s.relation(), s.row() + 1, s.shown_domain())),
    ("the rule is", |s| format!("The rule is {}.", s.relation())),
    ("the common relation is", |s| format!("The common relation of the examples is {}, seen on {} in example {}.", s.relation(), s.shown_domain(), s.row() + 1)),
    ("so the rule", |s| format!("So the rule must be {} here.", s.relation())),
    ("rule out", |s| format!("We can rule {} out for the examples.", s.other())),
    ("rule in words", |s| format!("Rule {} says that C follows from A and B, as its name tells.", s.other())),
    ("in words", |s| format!("In example {}, C is related to A and B by {} in {}.", s.row() + 1, s.relation(), s.shown_domain())),
    ("definitions", |_| "The relation AND keeps the values that A and B share; the relation OR keeps all of them; XOR those of one.".to_owned()),
    ("candidates", |_| "The rule is one of AND, OR, XOR and progression.".to_owned()),
    ("common question", |_| "What is the common relation: AND, OR or XOR?".to_owned()),
    ("candidate", |s| format!("Candidate rule: {}.", s.other())),
    ("another rule", |s| format!("Another rule: {} on {}.", s.other(), s.domain())),
    ("rule of an option", |s| format!("Option {}: rule {} on {}", s.wrong() + 1, s.pair(s.wrong()).0, s.pair(s.wrong()).1)),
    ("rule of an example", |s| format!("In example {}, rule: {}", s.row() + 1, s.shows())),
    ("wrong as quoted", |s| format!("Wrong: Option {} is consistent: {} on {}.", s.wrong() + 1, s.relation(), s.answer_domain())),
    // Negations.
    ("not other", |s| format!("The common relation is not {}.", s.other())),
    ("colon not", |s| format!("Common relation: not {} but {}.", s.other(), s.relation())),
    ("a not", |s| format!("Example {}, {}: A not {}.", s.row() + 1, s.domain(), s.absent())),
    ("a does not hold", |s| format!("In example {}, panel A has no {}.", s.row() + 1, s.absent())),
    ("isn't", |s| format!("Option {} isn't consistent with the examples.", s.wrong() + 1)),
    ("cannot be", |s| format!("Option {} cannot be consistent: {} on {} is not what the examples show.", s.wrong() + 1, s.pair(s.wrong()).0, s.pair(s.wrong()).1)),
    ("false that", |s| format!("It is not true that Option {} is consistent: {} on {}.", s.wrong() + 1, s.pair(s.wrong()).0, s.pair(s.wrong()).1)),
    ("would be wrong", |s| format!("Example {}, {}: {} would be wrong if it is not there.", s.row() + 1, s.domain(), s.other())),
    ("no one", |s| format!("No option but option {} is consistent.", s.right() + 1)),
    ("claim denied", |s| format!("It would be false to say: Common relation: {} on {}.", s.other(), s.shown_domain())),
    ("rhetorical", |s| format!("Option {} is consistent: {} on {}?", s.wrong() + 1, s.relation(), s.answer_domain())),
    // Plans and recaps.
    ("plan", |s| format!("First I will look at example {}, then at the query, then at option {}.", s.row() + 1, s.option() + 1)),
    ("plan of check", |s| format!("Next I check whether option {} is consistent.", s.wrong() + 1)),
    ("test", |s| format!("Let me test option {}: is it consistent: {} on {}?", s.wrong() + 1, s.other(), s.asked_domain())),
    ("recap of values", |s| format!("As said, example {}, {}: {}.", s.row() + 1, s.domain(), s.panels())),
    ("recap of relation", |s| format!("To sum up, Example {}, {}: {}: {}.", s.row() + 1, s.domain(), s.panels(), s.shows())),
    ("recap of option", |s| format!("Again: Option {}, {}: {}: {}.", s.option() + 1, s.asked_domain(), s.choice(s.option(), ", "), s.completes(s.option()))),
    ("recap of conclusion", |s| format!("In short, Option {} is {}consistent: {} on {}.", s.option() + 1, if s.option() == s.right() { "" } else { "not " }, s.pair(s.option()).0, s.pair(s.option()).1)),
    ("recap of the rule", |s| format!("Remember - the rule {} holds.", s.relation())),
    // Eliminations and conclusions.
    ("eliminate", |s| format!("Option {} can be eliminated since it shows {} on {}.", s.wrong() + 1, s.pair(s.wrong()).0, s.pair(s.wrong()).1)),
    ("crossed out", |s| format!("❌ Option {} is consistent: {} on {}", s.wrong() + 1, s.relation(), s.answer_domain())),
    ("does not fit", |s| format!("Option {} does not fit, because {} on {} is another relation.", s.wrong() + 1, s.pair(s.wrong()).0, s.pair(s.wrong()).1)),
    ("inconsistent", |s| format!("Option {} is inconsistent.", s.wrong() + 1)),
    ("only consistent", |s| format!("Only option {} is consistent.", s.right() + 1)),
    ("left over", |s| format!("That leaves option {}, which is consistent with {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("unlike", |s| format!("Unlike option {}, option {} is consistent.", s.wrong() + 1, s.right() + 1)),
    ("with all but", |s| format!("Option {} is consistent: nothing but {} on {} is left for it, unlike for option {}.", s.right() + 1, s.relation(), s.answer_domain(), s.wrong() + 1)),
    ("distractor", |s| format!("A hasty reader would claim that Option {} is consistent: {} on {}.", s.wrong() + 1, s.relation(), s.answer_domain())),
    ("if rule", |s| format!("If the common relation were {}, another option would be right.", s.other())),
    ("had it been", |s| format!("Under rule {}, option {} is not what completes it.", s.other(), s.right() + 1)),
    ("compared", |s| format!("Option {} differs from option {}.", s.right() + 1, s.wrong() + 1)),
    // Forms of text.
    ("table of an example", |s| format!("| Example {} | {} | {} | {} | {} | {} |", s.row() + 1, s.domain(), s.panel(0, ", "), s.panel(1, ", "), s.panel(2, ", "), s.shows())),
    ("table by panel", |s| format!("| Example | Panel | {} |\n|---|---|---|\n| {} | A | {} |\n| {} | B | {} |", s.domain(), s.row() + 1, s.panel(0, ", "), s.row() + 1, s.panel(1, ", "))),
    ("table of an option", |s| format!("| Option {} | {} | {} |", s.option() + 1, s.choice(s.option(), ", "), s.completes(s.option()))),
    ("heading", |s| format!("## Example {}\n- {}: {}, {}, {}", s.row() + 1, s.domain(), s.panel(0, "/"), s.panel(1, "/"), s.panel(2, "/"))),
    ("bullets", |s| format!("- **Example {}**\n  * A: {}\n  * B: {}\n  * {} => {}", s.row() + 1, s.panel(0, ", "), s.panel(1, ", "), s.domain(), s.shows())),
    ("bold option", |s| format!("**Option {}**: {}", s.option() + 1, s.choice(s.option(), ", "))),
    ("option to relation", |s| format!("Option {}: {} on {}", s.option() + 1, s.pair(s.option()).0, s.pair(s.option()).1)),
    ("tick", |s| format!("Option {} ✓", s.right() + 1)),
    ("crossed", |s| format!("Option {} is consistent ✗", s.wrong() + 1)),
    ("json", |s| format!("{{\"example\": {}, \"{}\": [\"{}\"]}}", s.row() + 1, s.domain(), s.panel(0, "\", \""))),
    ("terse partial", |s| format!("e{} {} {}", s.row() + 1, ATTRIBUTES[s.attribute() as usize], s.panel(0, " "))),
    ("other order", |s| format!("{} holds on {} in example {}, as A is {} and B is {}.", s.shows(), s.domain(), s.row() + 1, s.panel(0, " and "), s.panel(1, " and "))),
    ("backwards", |s| format!("C {}; B {}; A {} are the {}s of example {}.", s.panel(2, ", "), s.panel(1, ", "), s.panel(0, ", "), s.domain(), s.row() + 1)),
    ("shuffled panels", |s| format!("Example {}, {}: C {}; A {}; B {}.", s.row() + 1, s.domain(), s.panel(2, ", "), s.panel(0, ", "), s.panel(1, ", "))),
    ("in brackets", |s| format!("(Example {} is about {}.)", s.row() + 1, s.shown_domain())),
    ("either", |s| format!("Example {}, {}: either {} or {}, to be seen.", s.row() + 1, s.domain(), s.shows(), s.other())),
    ("alternatives", |_| "Common relation: AND or OR on shape type.".to_owned()),
];

/// Claims that are denied, hedged, asked or left open: whatever they say is never right.
pub const DENIALS: &[(&str, Say)] = &[
    ("not", |s| format!("Common relation: not {} on {}.", s.relation(), s.shown_domain())),
    ("is not", |s| format!("The common relation is not {}.", s.relation())),
    ("isn't", |s| format!("The rule isn't {}.", s.relation())),
    ("never", |s| format!("The rule is never {}.", s.relation())),
    ("maybe", |s| format!("Maybe the rule is {}.", s.relation())),
    ("maybe at the end", |s| format!("Common relation: {} on {}, maybe.", s.relation(), s.shown_domain())),
    ("after it", |s| format!("Common relation: {} on {}. Maybe.", s.relation(), s.shown_domain())),
    ("i guess", |s| format!("Common relation: {}, I guess.", s.relation())),
    ("or", |s| format!("Common relation: {} or {} on {}.", s.relation(), s.other(), s.shown_domain())),
    ("capital or", |s| format!("The rule is either {} OR {}.", s.relation(), s.other())),
    ("slash", |s| format!("Common relation: {}/{} on {}.", s.relation(), s.other(), s.shown_domain())),
    ("asked", |s| format!("Common relation: {} on {}?", s.relation(), s.shown_domain())),
    ("false that", |s| format!("It is false that rule {}", s.relation())),
    ("denied option", |s| format!("I doubt that Option {} is consistent: {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("hedged option", |s| format!("Option {} is perhaps consistent: {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("probably", |s| format!("Probably Option {} is consistent: {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("seems", |s| format!("Option {} seems consistent: {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("if", |s| format!("If Option {} is consistent: {} on {}.", s.right() + 1, s.relation(), s.answer_domain())),
    ("two options", |s| format!("Option {} or option {} is consistent: {} on {}.", s.wrong() + 1, s.right() + 1, s.relation(), s.answer_domain())),
    ("both options", |s| format!("Option {} and option {} is consistent.", s.wrong() + 1, s.right() + 1)),
    ("a not", |s| format!("Example {}, {}: A not {}; B {}; C {}: {}.", s.row() + 1, s.domain(), s.panel(0, ", "), s.panel(1, ", "), s.panel(2, ", "), s.shows())),
    ("not relation", |s| format!("Example {}, {}: {}: not {}.", s.row() + 1, s.domain(), s.panels().replace("A ", "A not "), s.shows())),
    ("would", |s| format!("Example {}, {}: {} would be {}.", s.row() + 1, s.domain(), s.panels(), s.shows())),
    ("cannot", |s| format!("Example {}, {} cannot be: {}: {}.", s.row() + 1, s.domain(), s.panels(), s.shows())),
    ("can't", |s| format!("Example {}, {} can't be: {}: {}.", s.row() + 1, s.domain(), s.panels(), s.shows())),
    ("not the query", |s| format!("Not so: Query, {}: A {}; B {}.", s.asked_domain(), s.query(0, ", "), s.query(1, ", "))),
    ("query perhaps", |s| format!("Query, {}: A {}; B {} perhaps.", s.asked_domain(), s.query(0, ", "), s.query(1, ", "))),
    ("option not", |s| format!("Option {}, {}: not {}: {}.", s.option() + 1, s.asked_domain(), s.choice(s.option(), ", "), s.completes(s.option()))),
    ("terse not", |s| format!("rule not {}", s.of.relation.key())),
    ("crossed", |s| format!("Option {} is consistent: {} on {} ❌", s.right() + 1, s.relation(), s.answer_domain())),
    ("who knows", |s| format!("Common relation: {} on {}; not sure.", s.relation(), s.shown_domain())),
];
