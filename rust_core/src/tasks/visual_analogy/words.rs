//! The question and the text twin.

use super::{
    problem::Analogy,
    panel::{Object, Panel, bits},
    relations::{Attribute, Domain},
};
use crate::{rationale::push_number, scene, task::Style};

/// Names of grays, by index.
pub const GRAYS: [&str; 5] = ["black", "dark gray", "gray", "light gray", "white"];

/// Names of sizes, by index.
pub const SIZES: [&str; 4] = ["small", "medium", "large", "huge"];

/// Names of slots, by index.
pub const SLOTS: [&str; 9] = [
    "top left",
    "top center",
    "top right",
    "middle left",
    "middle center",
    "middle right",
    "bottom left",
    "bottom center",
    "bottom right",
];

/// Names of quantities, by index.
const QUANTITIES: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// Names of attributes.
pub const ATTRIBUTES: [&str; 5] = ["type", "color", "size", "quantity", "position"];

/// What a value is called.
pub fn value(domain: Domain, value: u8) -> &'static str {
    let names: &[&'static str] = match domain.attribute {
        Attribute::Type if domain.lines => &scene::LINE_KINDS,
        Attribute::Type => &scene::SHAPE_KINDS,
        Attribute::Color => &GRAYS,
        Attribute::Size => &SIZES,
        Attribute::Quantity => &QUANTITIES,
        Attribute::Position => &SLOTS,
    };
    names[usize::from(value)]
}

/// What a domain is called in sentences.
pub fn domain(domain: Domain) -> &'static str {
    ["line type", "line color", "shape type", "shape color", "shape size", "shape quantity", "shape position"]
        [domain.number()]
}

/// Writes a set of values.
pub fn values(domain: Domain, set: u16, separator: &str, out: &mut String) {
    for (i, bit) in bits(set).enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(value(domain, bit));
    }
}

const RELATIONS: &str = "\
Relations are between the sets of values that an attribute has in the three panels of a row:
- AND: C has the values that A and B share.
- OR: C has the values of A and those of B.
- XOR: C has the values that only one of A and B has.
- Progression: colors, sizes or quantities, one in each panel, rise from A to B to C, or fall; types: B has those of A and \
one more, C has those of B and one more; positions: all shapes move by one slot in one direction (along rows, columns or \
diagonals, from the edge on to the opposite edge) from A to B, and once more from B to C. A progression keeps its \
direction in all rows.
Values that stay the same in all three panels show no relation.
A panel holds only lines (attributes: type, color) or only shapes (type, color, size, quantity, position). Colors from dark \
to light: black, dark gray, gray, light gray, white. Sizes from least to greatest: small, medium, large, huge. Positions are \
slots in three rows (top, middle, bottom) and three columns (left, center, right).
";

/// What is asked.
pub fn question(analogy: &Analogy, out: &mut String) {
    if analogy.style == Style::Terse {
        out.push_str("Which option completes the last row?");
        return;
    }
    out.push_str(if analogy.rows().len() == 1 {
        "The first row of panels A, B, C is an example. In the last row, the query, panel C is missing. "
    } else {
        "The first two rows of panels A, B, C are examples. In the last row, the query, panel C is missing. "
    });
    out.push_str(if analogy.cross_domain {
        "All rows follow one relation, each on an attribute of its own, which may differ from row to row. "
    } else {
        "All rows follow one relation on one attribute, the same in every row. "
    });
    out.push_str("Which option, as panel C, makes the query follow the relation of the examples?\n");
    out.push_str(RELATIONS);
    out.push_str("End with a line \"Answer:\" and the number of the option.");
}

/// The problem as text.
pub fn twin(analogy: &Analogy, out: &mut String) {
    let terse = analogy.style == Style::Terse;
    let names = [["a", "b", "c"], ["A", "B", "C"]][usize::from(!terse)];
    for (row, panels) in analogy.rows().iter().enumerate() {
        for (panel, name) in panels.iter().zip(names) {
            out.push_str(if terse { "" } else { "Example " });
            push_number(out, row + 1);
            out.push_str(if terse { "" } else { ", panel " });
            out.push_str(name);
            objects(panel, terse, out);
        }
    }
    for (panel, name) in analogy.query.iter().zip(names) {
        out.push_str(if terse { "q" } else { "Query, panel " });
        out.push_str(name);
        objects(panel, terse, out);
    }
    if !terse {
        out.push_str("Query, panel C: missing\n");
    }
    for (option, panel) in analogy.choices().iter().enumerate() {
        out.push_str(if terse { "o" } else { "Option " });
        push_number(out, option + 1);
        objects(panel, terse, out);
    }
    out.pop(); // the newline after the last object
}

/// Writes the objects of a panel, all attributes of each together.
fn objects(panel: &Panel, terse: bool, out: &mut String) {
    if !terse {
        out.push_str(":\n");
    }
    for (i, object) in panel.objects().iter().enumerate() {
        out.push_str(match (terse, i) {
            (true, 0) => " ",
            (true, _) => "; ",
            (false, _) => "- ",
        });
        one(panel.sets.lines, *object, terse, out);
        if !terse {
            out.push('\n');
        }
    }
    if terse {
        out.push('\n');
    }
}

fn one(lines: bool, object: Object, terse: bool, out: &mut String) {
    if !lines {
        out.push_str(SIZES[usize::from(object.size)]);
        out.push(' ');
    }
    out.push_str(GRAYS[usize::from(object.gray)]);
    out.push(' ');
    if lines {
        out.push_str(scene::LINE_KINDS[usize::from(object.kind)]);
    } else {
        out.push_str(scene::SHAPE_KINDS[usize::from(object.kind)]);
        out.push_str(if terse { " " } else { ", " });
        out.push_str(SLOTS[usize::from(object.slot)]);
    }
}
