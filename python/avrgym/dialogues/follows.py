"""Whether a claim follows from what was claimed before, be it true or not."""

from collections.abc import Sequence

from avrgym.dialogues.claims import (
    Cell,
    Cells,
    Claim,
    Digit,
    Ends,
    Frame,
    Move,
    Option,
    Relation,
    Rule,
    Said,
    Sum,
    paired,
)


def follows(claim: Claim, grounds: Sequence[Claim], names: Frame | None) -> bool:
    """Whether a claim follows from those that it rests on.

    * A cell is the next of a path, or where it begins; a sum adds the digits up that were read.
    * A move starts where the one before, or the start, has led to, leads where it says, into no
      obstacle that was named, and the last of several to the destination that was named.
    * What is not reachable was not named as reachable, and the start was.
    * A rule is the relation that was seen in every example, on what it was seen on.
    * An option fits exactly if its own relation is the rule's.
    * An answer lists what was read or gone, or names an option that fits.

    Args:
        claim: What is said.
        grounds: What was said by the turns that it rests on, in order.
        names: Of the table or grid.

    Returns:
        False also where the claim, or one that it rests on, was not read.
    """
    if claim is None or any(each is None for each in grounds):
        return False
    match claim:
        case Digit() if names is not None:
            return _next(claim, grounds[-1], names)
        case Sum(addends, total):
            read = tuple(each.digit for each in grounds if isinstance(each, Digit))
            return addends == read and total == sum(read)
        case Move():
            return _gone(claim, grounds)
        case Cells(cells):
            return _listed(cells, grounds[-1])
        case Rule():
            return _shared(claim, [each for each in grounds if isinstance(each, Relation)])
        case Option():
            return _fits(claim, grounds)
        case Said():
            return _concluded(claim, grounds)
    return False


def _next(digit: Digit, before: Claim, names: Frame) -> bool:
    match before:
        case Digit(cell, _):
            return names.follows(cell, digit.cell)
        case Ends(start, _):
            return digit.cell == start
    return False


def _gone(move: Move, grounds: Sequence[Claim]) -> bool:
    before = [each for each in grounds if isinstance(each, Move)]
    ends = [each for each in grounds if isinstance(each, Ends)]
    barred = [cell for each in grounds if isinstance(each, Cells) for cell in each.cells]
    starts = [before[-1].target] if before else [each.start for each in ends]
    stops = [each.end for each in ends] if before else []
    return (
        move.sound
        and move.origin in starts
        and move.target not in barred
        and all(move.target == stop for stop in stops)
    )


def _listed(cells: Sequence[Cell], before: Claim) -> bool:
    match before:
        case Ends(start, _):
            return start in cells
        case Cells(reached):
            return not set(cells) & set(reached)
    return False


def _shared(rule: Rule, seen: Sequence[Relation]) -> bool:
    for number in {each.number for each in seen}:
        mine = [each for each in seen if each.number == number]
        where = {on for on, example in rule.where if example in (0, number)}
        if rule.where and not where:
            return False
        if not any(
            each.relation == rule.relation and (not where or each.attribute in where)
            for each in mine
        ):
            return False
    return bool(seen)


def _fits(option: Option, grounds: Sequence[Claim]) -> bool:
    rule = next((each for each in grounds if isinstance(each, Rule)), None)
    mine = [each for each in grounds if isinstance(each, Relation)]
    on = [each for each in mine if option.attribute in ("", each.attribute)]
    if rule is None or option.fits != (option.relation == rule.relation):
        return False
    if not option.attribute:  # there is none on anything
        return all(each.relation == option.relation for each in on)
    return any(each.relation == option.relation for each in on)


def _concluded(said: Said, grounds: Sequence[Claim]) -> bool:
    match grounds:
        case [Sum(_, total)]:
            return said.numbers == (total,)
        case [Digit(), *_]:
            read = [each for each in grounds if isinstance(each, Digit)]
            digits = tuple(each.digit for each in read)
            return said.numbers == digits or said.words == tuple(map(paired, read))
        case [Move(), *_]:
            gone = tuple(each.heading for each in grounds if isinstance(each, Move))
            return said.headings == gone
        case [Cells(cells)]:
            return said.denies == bool(cells)
        case [Option(), *_]:
            fitting = {each.number for each in grounds if isinstance(each, Option) and each.fits}
        case _:
            rules = {each.relation for each in grounds if isinstance(each, Rule)}
            fitting = {
                each.number
                for each in grounds
                if isinstance(each, Relation) and each.relation in rules
            }
    return said.numbers is not None and len(said.numbers) == 1 and said.numbers[0] in fitting
