"""The tasks in reasoning-gym's own registry, under its own composites, reseeding and coaching."""

import pickle

import pytest

import avrgym
from avrgym import TaskError
from avrgym.adapters import reasoning_gym as adapter

pytestmark = pytest.mark.filterwarnings("ignore")  # of the library's own imports

rg = pytest.importorskip("reasoning_gym", reason="tests/consumers.txt is not installed")
NAMES = adapter.register()


def test_every_task_is_a_dataset_of_its_own() -> None:
    assert adapter.register() == NAMES == tuple(f"avrgym_{task}" for task in avrgym.TASKS)
    for name, task in zip(NAMES, avrgym.TASKS, strict=True):
        data = rg.create_dataset(name, size=3, seed=42, level="rung0")
        assert len(data) == len(list(data)) == 3
        for index, entry in enumerate(data):
            assert entry["metadata"]["source_dataset"] == name
            assert entry["metadata"]["address"].startswith(f"{task}/rung0?style=full#train:42:")
            [sample] = avrgym.samples([entry["metadata"]["address"]])
            # A model that sees this text alone has the problem, its rules and the form of a reply.
            assert sample.twin in entry["question"] and "Answer:" in entry["question"]
            assert data.score_answer(entry["answer"], entry) == 1
            assert data.score_answer(sample.rationale, entry) == 1
            assert data.score_answer(f"no: {entry['answer']}", entry) == 0
            assert data.score_answer(None, entry) == data.score_answer("", entry) == 0
            assert pickle.loads(pickle.dumps(data))[index] == entry
        assert data.image(0, 448, "paper").shape == (448, 448, 3)
        assert rg.get_score_answer_fn(name)(entry["answer"], entry) == 1


def test_what_is_wrong_is_refused() -> None:
    for settings in ({"level": "rung99"}, {"format": "x"}, {"size": 0}, {"params": {"no": 1}}):
        with pytest.raises(TaskError):
            rg.create_dataset(NAMES[0], seed=1, **settings)


def test_composites_and_reseeding() -> None:
    from reasoning_gym.composite import DatasetSpec
    from reasoning_gym.dataset import ReseedingDataset

    specs = [DatasetSpec(name, 1.0, {"level": "rung0"}) for name in (*NAMES, "chain_sum")]
    specs[-1].config = {}
    mixed = rg.create_dataset("composite", size=30, seed=1, datasets=specs)
    entries = list(mixed)
    assert {entry["metadata"]["source_dataset"] for entry in entries} == {*NAMES, "chain_sum"}
    assert all(mixed.score_answer(entry["answer"], entry) == 1 for entry in entries)
    endless = ReseedingDataset(rg.create_dataset(NAMES[1], size=4, seed=9), chunk_size=4)
    drawn = [entry["metadata"]["address"] for entry, _ in zip(endless, range(12), strict=False)]
    assert len(set(drawn)) == 12
    assert [address.split("#")[1] for address in drawn[3:5]] == ["train:9:3", "train:10:0"]


def test_its_curriculum_climbs_the_ladder() -> None:
    from reasoning_gym.coaching.curriculum_config import (
        CurriculumAttributeConfig,
        CurriculumExperimentConfig,
    )
    from reasoning_gym.coaching.experiment import CurriculumExperiment

    config = CurriculumExperimentConfig(
        {name: CurriculumAttributeConfig({"*": 0}) for name in NAMES}
    )
    experiment = CurriculumExperiment("climb", config, size=8, seed=3)
    name = NAMES[0]
    for level in ("rung0", "rung1", "rung2"):
        data = experiment.composite.datasets[name]
        assert data.config.level == level
        entry = data[0]
        assert f"/{level}?" in entry["metadata"]["address"]
        version = experiment.composite.dataset_versions[name]
        assert experiment.score_answer_with_id(entry["answer"], f"{version}.0") == 1
        experiment.update_difficulty(name, "increment")
    experiment.update_difficulty(name, "decrement")
    assert experiment.composite.datasets[name].config.level == "rung2"
    groups = experiment.score_board.aggregate()[name].scores
    assert [dict(key)["level"] for key in groups] == ["rung0", "rung1", "rung2"]
