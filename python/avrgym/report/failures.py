"""Runs over seeds as a table of where their replies fail first."""

from collections.abc import Iterator, Mapping, Sequence

from avrgym.analyses.seeds import entry
from avrgym.analyses.skills import first_errors, support
from avrgym.analyses.table import Table
from avrgym.report.names import format_name
from avrgym.runs.record import Record

_HEADS = ("right", "seeing fails first", "thinking fails first", "right for right reasons")


def failures(
    variants: Mapping[str, Sequence[Record]], title: str, *, before: bool = True
) -> Iterator[str]:
    """The lines of a table for each format: greedy replies of all levels together, per cent.

    Args:
        variants: By title, the runs of one variant, each of another seed, all of the same seeds in
            the same order.
        title: What the first column says of variants.
        before: Whether a first line tells of the stage before the last, which variants share.
    """
    found: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for name, records in variants.items():
        for record in records:
            rows = [row for row in record.results() if row["decoding"] == "greedy"]
            *_, former, last = dict.fromkeys(row["stage"] for row in rows)
            told = {last: name}
            if before and record in next(iter(variants.values())):
                told = {former: f"before: {former}"} | told
            table = Table.of(rows)
            errors = first_errors(table, "format", "stage")
            reasons = support(table, "format", "stage")
            for key in errors:
                form, stage = key
                if stage not in told:
                    continue
                why = reasons[key]
                right = why.right_for_right, why.right_for_wrong, why.right_unreasoned
                shares = (
                    sum(each.value for each in right),
                    errors[key].seeing.value,
                    errors[key].thinking.value,
                    why.right_for_right.value,
                )
                found.setdefault(form, {}).setdefault(told[stage], []).append(shares)
    for form, lines in found.items():
        yield f"\n{format_name(form).capitalize()}\n"
        yield f"| {title} | {' | '.join(_HEADS)} |\n|{'---|' * (1 + len(_HEADS))}"
        for name, seeds in lines.items():
            cells = [
                entry([100 * value for value in column]) for column in zip(*seeds, strict=True)
            ]
            yield f"| {name} | {' | '.join(cells)} |"
