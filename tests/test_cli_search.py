"""The verb search and searches within evaluate, held to what rows say themselves."""

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tyro")

from avrgym.evaluate.folder import Folder
from avrgym.models.completion import Completion
from avrgym.prm.exact import Exact
from avrgym.search.aggregation import aggregate
from avrgym.search.candidates import Candidates
from avrgym.search.frontier import judged
from commands import Command

QUICK = ("--suite", "quick", "--formats", "text", "--decodings", "sampled")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Guesses, of which one in some is right, and log-probabilities, higher where they are."""
    from avrgym.evaluate import policies, suites
    from avrgym.evaluate.session import Session, conduct

    to = tmp_path_factory.mktemp("drawn") / "guess"
    keys = {"formats": "text", "decodings": "sampled", "draws": "8", "items": "12"}
    session = Session(policy="guess", suite="quick", evaluation=suites.load("quick", keys))
    conduct(session, policies.found("guess"), Folder(to), lambda _: None)
    file = to / "results.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for at, row in enumerate(rows):
        row["tokens"], row["logprob"] = 10, -1.0 - (at % 7) - 5 * (not row["correct"])
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return to


def points(made: dict[str, Any], group: str = "all") -> dict[tuple[str, str, int], float]:
    return {
        (each["strategy"], each["scorer"], each["n"]): each["accuracy"]["value"]
        for each in made["groups"][group]["points"]
    }


def test_choices_are_those_that_rows_say(drawn: Path, command: Command) -> None:
    code, said, wrong = command("search", drawn, "--json")
    assert code == 0, wrong
    made = json.loads(said)
    rows = list(Folder(drawn).rows())
    held: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        held.setdefault(row["address"], []).append(row)
    found = points(made)
    share = np.mean([row["correct"] for row in rows])
    one = {value for (_, _, n), value in found.items() if n == 1}
    assert len(one) == 1 and one.pop() == pytest.approx(share)  # nothing to choose among
    any_ = np.mean([any(row["correct"] for row in mine) for mine in held.values()])
    ceiling = made["groups"]["all"]["ceiling"]
    assert ceiling["8"]["value"] == pytest.approx(any_)
    assert list(ceiling) == ["1", "2", "4", "8"]
    # Guesses are answers alone, whose one step is right or wrong: the verifier misses none, and
    # this confidence is higher for whatever is right.
    assert found["best_of_n", "exact", 8] == pytest.approx(any_)
    assert found["best_of_n", "likelihood", 8] == pytest.approx(any_)
    most = []
    for mine in held.values():
        answers = Counter(row["reply"] for row in mine)
        first = max(answers, key=lambda reply: answers[reply])
        most.append(next(row["correct"] for row in mine if row["reply"] == first))
    assert found["majority", "", 8] == pytest.approx(np.mean(most))
    levels = [group for group in made["groups"] if group != "all"]
    assert levels == list(dict.fromkeys(row["level"] for row in rows))
    whole = np.mean([points(made, level)["majority", "", 8] for level in levels])
    assert whole == pytest.approx(found["majority", "", 8])
    for each in made["groups"]["all"]["points"]:
        assert each["tokens"] == 10 * each["n"]
        n = each["n"]
        runs = [
            {row["reply"] for row in mine[start : start + n]}
            for mine in held.values()
            for start in range(0, 8, n)
        ]
        read = 10 * np.mean([len(run) for run in runs])  # what is the same is read once
        assert each["judged"] == (pytest.approx(read) if each["scorer"] else 0)
        assert each["calls"] == each["n"]
        assert 0 <= each["seeing"] + each["thinking"] <= 1
        assert (each["value"] is None) == (not each["scorer"])


def test_what_was_said_twice_has_the_score_of_what_was_said_once(drawn: Path) -> None:
    candidates = Candidates.of(Folder(drawn).rows())
    prompts = [prompt for prompt in candidates.prompts for _ in range(candidates.draws)]
    replies = [Completion(row["reply"].encode()) for draws in candidates.rows for row in draws]
    every = Exact().scores(prompts, replies)
    found = judged("exact", Exact(), candidates)
    for name, values in found.values.items():
        plain = aggregate(name, every.score.astype(float), every.offsets)
        assert values.ravel().tolist() == plain.tolist()
    assert len(set(zip(prompts, replies, strict=True))) == (candidates.before < 0).sum() < 96 * 8


def test_a_scorer_that_is_fooled_is_told(drawn: Path, command: Command, tmp_path: Path) -> None:
    """Whoever is surest of what is wrong picks that, the more there is to pick from."""
    fooled = tmp_path / "fooled"
    fooled.mkdir()
    rows = [json.loads(line) for line in (drawn / "results.jsonl").read_text().splitlines()]
    for row in rows:
        # Some sense, but for the last of eight: where that is wrong, nothing is surer.
        row["correct"] = (sum(map(ord, row["address"])) + row["draw"]) % 2 == 0
        last = row["draw"] == 7
        row["logprob"] = -2.0 if row["correct"] else -1.0 if last else -5.0
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (fooled / "results.jsonl").write_text(lines)
    code, said, wrong = command("search", fooled, "--scorers", "exact,likelihood", "--by", "")
    assert code == 0, wrong
    told = [line for line in said.splitlines() if "right most often at n =" in line]
    made = json.loads(command("search", fooled, "--scorers", "likelihood", "--json")[1])
    line = [e for e in made["groups"]["all"]["points"] if e["strategy"] == "best_of_n"]
    best = max(line, key=lambda each: each["accuracy"]["value"])
    parts = line[-1]["accuracy"]["value"] < best["accuracy"]["interval"][0]
    assert parts and line[-1]["value"] > best["value"]  # or this says nothing
    assert any(
        each.startswith(f"best of n, likelihood: right most often at n = {best['n']};")
        for each in told
    )
    assert not any("exact" in each for each in told)


def test_the_table_and_the_figure_say_the_same(
    drawn: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("COLUMNS", "80")
    made = json.loads(command("search", drawn, "--json")[1])
    code, said, wrong = command("search", drawn, "--figure", tmp_path / "search.svg")
    assert code == 0, wrong
    assert max(map(len, said.splitlines()[:-1])) <= 80
    right, costs = said.split("\n\nn = 8")[0], "n = 8" + said.split("\n\nn = 8")[1]
    value = points(made)["weighted_vote", "exact", 8]
    lines = [line for line in right.splitlines() if line.startswith("weighted vote, exact")]
    assert f" {100 * value:.1f} (" in lines[-1]
    heads = [line for line in right.splitlines() if line.startswith("all")]
    assert heads[-1].endswith("n = 8") and len(heads) == 2
    each = next(e for e in made["groups"]["all"]["points"] if e["n"] == 8 and e["scorer"])
    name, aggregation, *took = costs.split("\n\n")[0].splitlines()[2].rsplit(maxsplit=5)
    assert (name, aggregation) == ("best of n, exact", "last")
    assert took == ["80", "8", f"{each['judged']:.0f}", "unknown"]
    monkeypatch.setenv("COLUMNS", "160")
    wide = command("search", drawn, "--by", "")[1].split("\n\n")
    assert "n = 1 " in wide[0] and wide[0].splitlines()[0].endswith("n = 8") and len(wide) == 3
    assert said.splitlines()[-1].startswith(f"{drawn}: 96 problems, 8 replies each")
    figure = (tmp_path / "search.svg").read_text("utf-8")
    assert figure.startswith("<svg") and "weighted vote, exact" in figure
    assert "--c0:" in figure  # the colours stand in it, for whoever shows it by itself


def test_operations_are_counted_or_said_to_be_unknown(
    drawn: Path, command: Command, tmp_path: Path
) -> None:
    pytest.importorskip("safetensors")
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    made = json.loads(command("search", drawn, "--json", "--scorers", "exact")[1])
    assert {each["flops"] for each in made["groups"]["all"]["points"]} == {None}
    assert "unknown" in command("search", drawn, "--scorers", "exact")[1]
    save_file({"a": torch.zeros(30, 20), "b": torch.zeros(400).half()}, tmp_path / "m.safetensors")
    asked = ("search", drawn, "--scorers", "exact,likelihood", "--model", tmp_path)
    made = json.loads(command(*asked, "--json")[1])
    for each in made["groups"]["all"]["points"]:  # ten tokens a reply, a thousand weights
        assert each["flops"] == pytest.approx(2 * 10 * each["n"] * 1000)
    code, said, wrong = command(*asked, "--figure", tmp_path / "search.svg")
    assert code == 0 and "1.6e+05" in said and "unknown" not in said, wrong
    (tmp_path / "adapter_config.json").write_text("{}", "utf-8")
    code, _, wrong = command(*asked)
    assert code == 2 and "does not say how many weights it has" in wrong


def test_the_aggregation_is_chosen_on_val(drawn: Path, command: Command, tmp_path: Path) -> None:
    val = tmp_path / "val"
    asked = ("--policy", "guess", *QUICK, "--items", 4, "--draws", 4, "--split", "val")
    assert command("evaluate", *asked, "--to", val)[0] == 0
    code, said, wrong = command("search", drawn, "--scorers", "exact", "--choose-on", val, "--json")
    assert code == 0, wrong
    names = {each["aggregation"] for each in json.loads(said)["groups"]["all"]["points"]}
    assert names <= {"", "last", "min", "mean", "product"} and len(names) > 1


def test_what_cannot_be_searched_is_one_line(drawn: Path, command: Command, tmp_path: Path) -> None:
    greedy = tmp_path / "greedy"
    asked = ("--policy", "guess", "--suite", "quick", "--items", 2, "--decodings", "greedy")
    assert command("evaluate", *asked, "--to", greedy)[0] == 0
    for arguments, words in (
        ((tmp_path / "nothing",), "holds no replies"),
        ((greedy,), "nothing to choose among: no sampled replies; evaluate with --decodings"),
        ((drawn, "--scorers", "exakt"), 'unknown scorer "exakt" (did you mean exact?)'),
        ((drawn, "--aggregation", "max"), 'unknown aggregation "max"'),
        ((drawn, "--choose-on", drawn), "is of split test; choose on val"),
        ((drawn, "--by", "levle"), "rows have no column 'levle'"),
        ((greedy, "--scorers", "likelihood"), "nothing to choose among"),
    ):
        code, _, said = command("search", *arguments)
        assert code == 2 and words in said and len(said.splitlines()) == 1, said


def test_a_search_is_a_policy(command: Command, tmp_path: Path) -> None:
    """Whoever guesses thirty-two times and asks the verifier is mostly right."""
    right = {}
    for name, how in (("one", ()), ("many", ("--search", "{ kind = 'best_of_n', n = 32 }"))):
        to = tmp_path / name
        asked = (
            "evaluate",
            "--policy",
            "guess",
            *QUICK,
            "--items",
            8,
            "--draws",
            1,
            *how,
            "--to",
            to,
        )
        code, _, said = command(*asked)
        assert code == 0, said
        rows = list(Folder(to).rows())
        right[name] = np.mean([row["correct"] for row in rows])
        assert {row["draw"] for row in rows} == {0}
        before = (to / "results.jsonl").read_bytes()
        assert command(*asked)[0] == 0
        assert (to / "results.jsonl").read_bytes() == before
    assert right["many"] > right["one"] + 0.2
    settings = tomllib.loads((tmp_path / "many" / "evaluation.toml").read_text())
    assert settings["policy"] == "guess, best of n of 32 by exact"
    assert settings["about"]["search"] == {"kind": "best_of_n", "n": 32}
    other = ("evaluate", "--policy", "guess", *QUICK, "--items", 8, "--search", "majority")
    code, _, said = command(*other, "--to", tmp_path / "many")
    assert code == 2 and "holds an evaluation with other settings" in said


def test_a_search_that_cannot_be_is_one_line(command: Command, tmp_path: Path) -> None:
    for how, words in (
        (("--search", "majorty"), 'unknown search "majorty" (did you mean majority?)'),
        (("--search", "{ kind = 'beam', n = 6 }"), "n = 6 is no multiple of ways = 4"),
        (("--search", "{ kind = 'rebase', widht = 6 }"), "unknown key widht; known keys: kind, n"),
        (("--search", "rebase"), "rebase draws replies step by step, which guess cannot"),
        (("--search", "best_of_n", "--scorer", "exakt"), "no scorer 'exakt' (did you mean exact?)"),
        (("--search", "majority", "--decodings", "greedy,sampled"), "give --decodings sampled"),
    ):
        sampled = () if "--decodings" in how else ("--decodings", "sampled")
        asked = ("--policy", "guess", "--suite", "quick", *how, *sampled)
        code, _, said = command("evaluate", *asked, "--to", tmp_path / "to")
        assert code == 2 and words in said and len(said.splitlines()) == 1, said
        assert not (tmp_path / "to").exists()
