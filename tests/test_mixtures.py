from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import Source, TaskError, formats, mixtures, verify
from avrgym.mixtures import Format, Internalise, Item, Mixture, Part, Phase, items, named, pick

#: tasks.md's table: of N, what share is SIMPLE text, image, image_via_text and HARD text; epochs.
TABLE: dict[str, tuple[tuple[Fraction | int, ...], float]] = {
    "text": ((Fraction(1, 2), 0, 0, 0), 2),
    "image": ((0, Fraction(1, 2), 0, 0), 2),
    "image_via_text": ((0, 0, Fraction(1, 3), 0), 3),
    "image+text": ((Fraction(1, 3), Fraction(1, 3), 0, 0), 1.5),
    "mix": ((Fraction(1, 3), Fraction(1, 3), Fraction(1, 3), 0), 1),
    "mix+": ((Fraction(1, 6), Fraction(1, 6), Fraction(1, 6), Fraction(1, 2)), 1),
    "align": ((Fraction(1, 2), 0, Fraction(1, 2), 0), 1),
}
KINDS = [("simple", "text"), ("simple", "image"), ("simple", "image_via_text"), ("hard", "text")]


def level(item: Item) -> str:
    return item.address.partition("/")[2].partition("#")[0].partition("?")[0]


def whole(mixture: Mixture, phase: str) -> list[Item]:
    return items(mixture, phase, 0, mixture.phase(phase).size)


def parts_of(weights: list[int], counts: list[int]) -> tuple[Part, ...]:
    levels = [(task, level) for task in avrgym.TASKS for level in ("simple", "hard")] * 3
    given = [("weight", w) for w in weights] + [("count", c) for c in counts]
    return tuple(
        Part(*levels[i], Format("text"), **{key: value})  # type: ignore[arg-type]
        for i, (key, value) in enumerate(given)
    )


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("size", [240_000, 120_000, 720])
def test_the_papers_mixtures_have_the_papers_counts(name: str, size: int) -> None:
    shares, epochs = TABLE[name]
    mixture = named(name, "table_readout", size)
    phase = mixture.phase(name)
    assert phase.epochs == epochs
    assert phase.rows == size, "all mixtures show N examples"
    counts = dict.fromkeys(KINDS, 0)
    for part, count in zip(phase.parts, phase.counts(), strict=True):
        counts[part.level, part.format.name] += count
    assert list(counts.values()) == [share * size for share in shares]


def test_align_mix_plus_has_two_phases() -> None:
    mixture = named("align-mix+", "grid_navigation", 1200, seed=3, align_size=600)
    assert [(phase.name, phase.size) for phase in mixture.phases] == [
        ("align", 600),
        ("mix+", 1200),
    ]
    alone = named("mix+", "grid_navigation", 1200, seed=3)
    assert whole(mixture, "mix+") == whole(alone, "mix+")
    assert set(mixtures.NAMES) == {*TABLE, "align-mix+", "image_via_text+"}
    thrice = Counter(
        (item.address, item.format.name)
        for item in whole(named("image_via_text+", "table_readout", 60), "image_via_text+")
    )
    assert Counter(thrice.values()) == {3: 10, 1: 30}


def test_all_formats_show_the_same_instances() -> None:
    mixture = named("mix+", "visual_analogy", 600, seed=5)
    seen: dict[tuple[str, str], set[str]] = {}
    for item in whole(mixture, "mix+"):
        seen.setdefault((level(item), item.format.name), set()).add(item.address)
    simple = {f"visual_analogy/simple#train:5:{i}" for i in range(100)}
    assert seen == {
        ("simple", "text"): simple,
        ("simple", "image"): simple,
        ("simple", "image_via_text"): simple,
        ("hard", "text"): {f"visual_analogy/hard#train:5:{i}" for i in range(300)},
    }


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=6),
    st.lists(st.integers(1, 40), max_size=4),
    st.integers(0, 300),
    st.integers(0, 2**64 - 1),
)
@settings(max_examples=60, deadline=None)
def test_counts_are_exact(weights: list[int], counts: list[int], rest: int, seed: int) -> None:
    size = sum(counts) + rest
    parts = parts_of(weights, counts)
    if size == 0:
        return
    phase = Phase("p", size, parts)
    got = phase.counts()
    assert sum(got) == size
    assert got[len(weights) :] == counts
    for weight, count in zip(weights, got, strict=False):
        assert abs(count - Fraction(weight * rest, sum(weights))) < 1
    drawn = whole(Mixture("m", (phase,), seed), "p")
    assert [Counter(item.part for item in drawn)[i] for i in range(len(parts))] == got
    assert len({(item.part, item.address) for item in drawn}) == size


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.integers(0, 20))
def test_what_is_written_has_rows_of_each_part_from_the_size_on_that_is_named(
    weights: list[int], more: int
) -> None:
    parts = parts_of(weights, [2])
    for size in range(2, 60):
        mixture = Mixture("m", (Phase("p", size, parts),))
        try:
            mixtures.check_written(mixture)
        except TaskError as wrong:
            assert not all(mixture.phases[0].counts())
            least = int(str(wrong).partition("size = ")[2].partition(" ")[0])
            assert all(Phase("p", least + more, parts).counts())
        else:
            assert all(mixture.phases[0].counts())


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_random_access_is_sequential_access(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 2000))
    fresh = data.draw(st.booleans())
    mixture = Mixture(
        "m", (Phase("p", size, parts_of([3, 1, 2], [])),), data.draw(st.integers(0, 9))
    )
    rows = items(mixture, "p", 0, 3 * size, fresh=fresh)
    assert [row.index for row in rows] == list(range(3 * size))
    start = data.draw(st.integers(0, 3 * size))
    stop = data.draw(st.integers(start, 3 * size))
    assert items(mixture, "p", start, stop, fresh=fresh) == rows[start:stop]
    some = data.draw(st.lists(st.integers(0, 3 * size - 1), max_size=20))
    assert pick(mixture, "p", some, fresh=fresh) == [rows[i] for i in some]


def test_parts_are_shuffled_together() -> None:
    mixture = named("mix+", "table_readout", 6000)
    drawn = whole(mixture, "mix+")
    for start in range(0, 6000, 600):
        counts = Counter(item.part for item in drawn[start : start + 600])
        # 100 ± 9 and 300 ± 12 of a random order.
        assert all(60 < counts[part] < 140 for part in range(3))
        assert 250 < counts[3] < 350
        # A rank that takes every third row sees all parts.
        for rank in range(3):
            assert len({item.part for item in drawn[start + rank : start + 600 : 3]}) == 4
    # Instances are not walked in order, and other seeds and phases have other orders.
    indices = [int(item.address.rpartition(":")[2]) for item in drawn if item.part == 0]
    rising = sum(a < b for a, b in pairwise(indices))
    assert 400 < rising < 600
    other = whole(replace(mixture, seed=1), "mix+")
    assert sum(a.part == b.part for a, b in zip(drawn, other, strict=True)) < 2300


def test_passes_repeat_instances_or_bring_new_ones() -> None:
    mixture = named("text", "table_readout", 200)
    size = mixture.phase("text").size
    again = [items(mixture, "text", i * size, (i + 1) * size) for i in range(3)]
    addresses = [[item.address for item in turn] for turn in again]
    assert addresses[0] != addresses[1] != addresses[2]
    assert set(addresses[0]) == set(addresses[1]) == set(addresses[2])
    fresh = {item.address for item in items(mixture, "text", 0, 3 * size, fresh=True)}
    assert fresh == {f"table_readout/simple#train:0:{i}" for i in range(3 * size)}


def test_fresh_passes_repeat_nothing_and_keep_formats_together() -> None:
    terse = {"style": "terse"}
    parts = (
        Part("table_readout", "simple", Format("text"), weight=2),
        Part("table_readout", "simple", Format("image")),
        # Other words for the same instances.
        Part("table_readout", "simple", Format("text"), params=terse),
        Part("table_readout", "hard", Format("image")),
    )
    mixture = Mixture("m", (Phase("p", 500, parts),))
    seen: list[set[int]] = [set(), set(), set(), set()]
    for turn in range(3):
        drawn = items(mixture, "p", 500 * turn, 500 * (turn + 1), fresh=True)
        by_part: list[set[int]] = [set(), set(), set(), set()]
        for item in drawn:
            by_part[item.part].add(int(item.address.rpartition(":")[2]))
        assert [len(found) for found in by_part] == [200, 100, 100, 100]
        assert by_part[1] == by_part[2] < by_part[0]
        assert not any(old & new for old, new in zip(seen, by_part, strict=True))
        assert not seen[0] & by_part[1] and not seen[1] & by_part[0]
        seen = [old | new for old, new in zip(seen, by_part, strict=True)]
    assert seen[3] == set(range(300))


def test_items_are_the_same_for_ever() -> None:
    mixture = named("mix+", "table_readout", 240_000, seed=7)
    assert [
        (item.address, item.format.name) for item in pick(mixture, "mix+", [0, 1, 2, 239_999])
    ] == GOLDEN


GOLDEN = [
    ("table_readout/hard#train:7:87833", "text"),
    ("table_readout/simple#train:7:32919", "image"),
    ("table_readout/hard#train:7:8003", "text"),
    ("table_readout/hard#train:7:96932", "text"),
]


def test_excluded_contents_never_occur() -> None:
    mixture = named("image+text", "grid_navigation", 300, simple="rung1")
    before = whole(mixture, "image+text")
    held = {content for content in avrgym.contents(i.address for i in before) if content < "4"}
    assert held
    after = items(mixture, "image+text", 0, mixture.phases[0].size, exclude=held)
    assert not held & set(avrgym.contents(item.address for item in after))
    for old, new, content in zip(
        before, after, avrgym.contents(i.address for i in before), strict=True
    ):
        assert (old == new) == (content not in held)
        assert (old.part, old.format, level(old)) == (new.part, new.format, level(new))
    # The same instance in all formats still.
    by_part = [{item.address for item in after if item.part == part} for part in (0, 1)]
    assert by_part[0] == by_part[1]
    assert after == items(mixture, "image+text", 0, 200, exclude=lambda content: content in held)
    assert pick(mixture, "image+text", [7, 3], exclude=held) == [after[7], after[3]]
    with pytest.raises(TaskError, match=r"grid_navigation/rung1 nearly all contents"):
        items(mixture, "image+text", 0, 9, exclude=lambda _: True)


def test_rationales_shrink_over_a_phase() -> None:
    weaned = Internalise()
    kept = [weaned.kept(i / 1000) for i in range(1000)]
    assert kept == sorted(kept, reverse=True)
    assert kept.count(1.0) >= 300 and kept[300] == 1.0 and kept[310] < 1.0
    assert kept.count(0.0) >= 300 and kept[700] == 0.0 and kept[690] > 0.0
    assert len(set(kept)) == 101
    assert kept[500] == pytest.approx(0.5, abs=0.01)
    mixture = replace(named("image", "table_readout", 2000), internalise=weaned)
    shares = [item.kept for item in items(mixture, "image", 0, 2000)]
    assert shares[0] == 1.0 and shares[-1] == 0.0 and len(set(shares)) == 101
    assert [item.kept for item in items(mixture, "image", 2000, 2010)] == [0.0] * 10
    assert Internalise(0, 0, 1).kept(0.0) == 0.0
    assert Internalise(1, 0, 0).kept(0.999) == 1.0
    for wrong in ((0.3, 0.3, 0.3), (-0.1, 0.8, 0.3)):
        with pytest.raises(TaskError, match="sum to 1"):
            Internalise(*wrong)


@pytest.mark.parametrize("name", mixtures.NAMES)
def test_rationales_shrink_to_nothing_in_what_is_written(name: str) -> None:
    mixture = named(name, "table_readout", 400, internalise=Internalise())
    mixtures.check_written(mixture)
    for phase in mixture.phases:
        assert (phase.size, phase.epochs) == (400, 1)
        kept = [item.kept for item in whole(mixture, phase.name)]
        assert kept[:120] == [1.0] * 120 and kept[280:] == [0.0] * 120


def test_several_passes_of_shrinking_rationales_are_streamed_and_not_written() -> None:
    mixture = named("image_via_text", "table_readout", 300)
    mixtures.check_written(mixture)
    weaned = replace(mixture, internalise=Internalise())
    with pytest.raises(TaskError, match=r'"image_via_text" has epochs = 3, .* size = 300, or'):
        mixtures.check_written(weaned)
    drawn = items(weaned, "image_via_text", 0, 300)
    assert [drawn[i].kept for i in (0, 89, 210, 299)] == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("task", avrgym.TASKS)
@pytest.mark.parametrize("params", [{"style": "full"}, {"style": "terse"}])
def test_internalised_replies_are_correct(task: str, params: dict[str, str]) -> None:
    drawn = Source(task, "simple", params=params)[:20]
    addresses = [sample.address for sample in drawn]
    shares = [i / 20 for i in range(21)]
    replies = {k: [formats.target(s, "image", True, k) for s in drawn] for k in shares}
    for kept, said in replies.items():
        assert verify(addresses, said).correct.all(), kept
        for sample, reply in zip(drawn, said, strict=True):
            # Whole lines from the front are gone, nothing else.
            assert sample.rationale.endswith(reply)
            assert f"\n{sample.rationale}".endswith(f"\n{reply}")
            steps = [step for step in sample.steps if step.skill != "conclude" or kept == 1]
            room = len(sample.rationale.encode()) - len(reply.encode())
            stay = sum(step.start >= room for step in steps)
            assert stay >= kept * len(steps) - 4, "a line holds at most so many steps"
    assert replies[0.0] == [f"Answer: {sample.answer}" for sample in drawn]
    assert replies[1.0] == [sample.rationale for sample in drawn]
    for a, b in pairwise(shares):
        assert all(len(x) <= len(y) for x, y in zip(replies[a], replies[b], strict=True))
    via = formats.target(drawn[0], "image_via_text", True, 0.0)
    assert via == f"{drawn[0].twin}\nAnswer: {drawn[0].answer}"
    with pytest.raises(TaskError, match=r"1\.5"):
        formats.target(drawn[0], kept=1.5)


@pytest.mark.parametrize("format", ["image", "image_via_text"])
@pytest.mark.parametrize("task", avrgym.TASKS)
def test_what_is_left_of_a_rationale_is_judged_behind_what_was_dropped(
    task: str, format: str
) -> None:
    for sample in Source(task, "hard")[:5]:
        for kept in (0.0, 0.1, 0.5, 0.9, 1.0):
            before = formats.dropped(sample, kept)
            reply = formats.target(sample, format, True, kept)
            assert before + formats.trimmed(sample, kept) == sample.rationale
            [verdict] = verify([sample.address], [before + reply])
            assert verdict.correct and {step.state for step in verdict.steps} == {"ok"}
            own = [step for step in verdict.steps if step.start >= len(before.encode())]
            [alone] = verify([sample.address], [reply])
            assert [step.claim for step in own] == [step.claim for step in alone.steps]
    # Somewhere else they are still found wrong.
    other = Source(task, "hard", seed=9)[0]
    mixed = formats.dropped(sample, 0.5) + formats.trimmed(other, 0.5)
    [verdict] = verify([sample.address], [mixed])
    assert {step.state for step in verdict.steps} != {"ok"}


def test_rows_are_worded_as_the_mixture_says() -> None:
    mixture = replace(named("mix", "table_readout", 300), template="any", internalise=Internalise())
    drawn = whole(mixture, "mix")
    laid_out = mixtures.rows(mixture, drawn, size=64, insist=True)
    assert [row["address"] for row in laid_out] == [item.address for item in drawn]
    for item, row in zip(drawn, laid_out, strict=True):
        [sample] = avrgym.samples([item.address])
        asked = formats.prompt(sample, item.format, template="any")
        assert row["prompt"][0]["content"][-1]["text"] == asked
        [completion] = row["completion"]
        assert completion["content"] == formats.target(sample, item.format, kept=item.kept)
        assert len(row["images"]) == item.format.pictured
        if row["images"]:
            assert (row["images"][0] == avrgym.render([item.address], 64, insist=True)[0]).all()
    targets = [row["completion"][0]["content"] for row in laid_out]
    assert verify([item.address for item in drawn], targets).correct.all()


def test_a_part_may_be_worded_in_another_way() -> None:
    """The paper's ablations: text rows in another wording than the pictures', same problems."""
    parts = (
        Part("grid_navigation", "simple", Format("image")),
        Part("grid_navigation", "simple", Format("text"), params={"trace": "dfs"}),
    )
    mixture = Mixture("order", (Phase("p", 40, parts),))
    by_part: list[set[str]] = [set(), set()]
    for item, content in zip(
        whole(mixture, "p"), avrgym.contents(i.address for i in whole(mixture, "p")), strict=True
    ):
        assert ("trace=dfs" in item.address) == (item.part == 1)
        by_part[item.part].add(content)
    assert by_part[0] == by_part[1]


def test_formats_have_names() -> None:
    for format in avrgym.FORMATS:
        for rationale in (True, False):
            assert Format.parse(Format(format, rationale).name) == Format(format, rationale)
    assert Format.parse("text-direct") == Format("text", False)
    for wrong in ("", "texts", "text-cot", "-direct", "text-direct-direct"):
        with pytest.raises(TaskError, match="unknown format"):
            Format.parse(wrong)


def test_bad_requests_are_refused() -> None:
    mixture = named("align-mix+", "table_readout", 60)
    with pytest.raises(TaskError, match="its phases: align, mix"):
        items(mixture, "mix", 0, 1)
    with pytest.raises(TaskError, match="row -1"):
        items(mixture, "align", -1, 1)
    with pytest.raises(TaskError, match="rows 3 to 1"):
        items(mixture, "align", 3, 1)
    with pytest.raises(TaskError, match='unknown mixture "mixx"'):
        named("mixx", "table_readout", 60)
    with pytest.raises(TaskError, match=r"size 1 .* without rows; give 2 or more"):
        named("text", "table_readout", 1)
    with pytest.raises(TaskError, match=r'format of phase "mix" without rows; give 3 or more'):
        named("mix", "table_readout", 2)
    for name in mixtures.NAMES:
        for size in range(1, 60):
            try:
                made = named(name, "table_readout", size)
            except TaskError:
                assert size < 5
            else:
                assert all(all(phase.counts()) for phase in made.phases)
    with pytest.raises(TaskError, match="exclude 'abc' is one string"):
        items(mixture, "align", 0, 1, exclude="abc")
    with pytest.raises(TaskError, match="share a name"):
        Mixture("m", mixture.phases[:1] * 2)
    assert items(mixture, "align", 5, 5) == []
