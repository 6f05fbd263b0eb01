"""The curriculum over levels, in verl's own classes where the installed one has them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import Format, TaskError
from avrgym.adapters import verl as adapter
from avrgym.adapters.verl import Climb
from avrgym.core.address import Address
from avrgym.data import generate
from avrgym.mixtures import Mixture, Part, Phase
from written import settings

pytestmark = pytest.mark.filterwarnings("ignore")  # of verl's own imports
datasets = pytest.importorskip("datasets")

RUNGS = ("rung0", "rung1", "rung2")
TASKS = ("grid_navigation", "table_readout")
ADDRESSES = [f"{t}/{r}#train:0:{i}" for r in reversed(RUNGS) for t in TASKS for i in range(20)]


def drawn(climb: Climb, count: int) -> list[str]:
    return [ADDRESSES[climb.draw()] for _ in range(count)]


def levels(addresses: list[str], task: str) -> set[str]:
    found = map(Address.parse, addresses)
    return {at.level for at in found if at.task == task}


def test_tasks_climb_apart_and_fall_back() -> None:
    climb = Climb(ADDRESSES, window=20)
    first = drawn(climb, 40)
    assert all(levels(first, task) == {"rung0"} for task in TASKS)
    grids = [address for address in ADDRESSES if address.startswith("grid_navigation/rung0")]
    climb.observe(grids[:19], [True] * 19)
    assert climb.at == dict.fromkeys(TASKS, 0)
    climb.observe(grids[19:], [True])
    assert climb.at == {"grid_navigation": 1, "table_readout": 0}
    then = drawn(climb, 200)
    assert levels(then, "grid_navigation") == {"rung0", "rung1"}
    assert levels(then, "table_readout") == {"rung0"}
    on = sum("grid_navigation/rung1" in address for address in then)
    assert 0.55 < on / sum("grid_navigation" in address for address in then) < 0.85
    # Replies to easier rows say nothing of the level that is being learned.
    climb.observe(grids, [False] * 20)
    assert climb.at["grid_navigation"] == 1
    harder = [address.replace("rung0", "rung1") for address in grids]
    climb.observe(harder, [False] * 20)
    assert climb.at["grid_navigation"] == 0
    for rung in RUNGS * 2:
        climb.observe([f"table_readout/{rung}#train:0:0"] * 20, [True] * 20)
    assert climb.at["table_readout"] == 2  # the last there is


def test_every_row_of_a_level_comes_before_one_comes_again_and_a_state_goes_on() -> None:
    climb = Climb([a for a in ADDRESSES if "grid_navigation/rung0" in a], seed=3)
    first, second = ([climb.draw() for _ in range(20)] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(20)) and first != second
    state = climb.state_dict()
    again = Climb([a for a in ADDRESSES if "grid_navigation/rung0" in a], seed=4)
    again.load_state_dict(state)
    assert [again.draw() for _ in range(30)] == [climb.draw() for _ in range(30)]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(TaskError, match="no rows"):
        Climb([])
    for wrong in ({"promote": 1.1}, {"demote": 0.95}, {"share": 0}, {"window": 0}):
        with pytest.raises(TaskError, match="do not fit"):
            Climb(ADDRESSES, **wrong)
    with pytest.raises(TaskError, match=r"avrgym\.data\.scores"):
        adapter.observed(SimpleNamespace(non_tensor_batch={}))
    with pytest.raises(TaskError, match="--layout verl"):
        adapter.climb(datasets.Dataset.from_dict({"prompt": ["x"]}), {})
    with pytest.raises(AttributeError):
        _ = adapter.Nothing


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("verl") / "data"
    parts = tuple(Part("grid_navigation", rung, Format("text")) for rung in RUNGS)
    generate(settings(Mixture("m", (Phase("m", 24, parts),)), layout="verl"), folder)
    [file] = (folder / "m").glob("*.parquet")
    return str(file)


def config(written: str) -> Any:
    omega = pytest.importorskip("omegaconf", reason="tests/consumers.txt is not installed")
    said = {
        "train_files": written,
        "prompt_key": "prompt",
        "image_key": "images",
        "filter_overlong_prompts": False,
        "shuffle": False,
        "seed": 1,
        "dataloader_num_workers": 0,
        "levels": {"window": 4},
        "sampler": {"class_path": "pkg://avrgym.adapters.verl", "class_name": "LevelSampler"},
        "custom_cls": {"path": "pkg://avrgym.adapters.verl", "name": "LevelDataset"},
        "cache_dir": str(Path(written).parent / "cache"),
    }
    return omega.OmegaConf.create(said)


def batch(rows: list[dict[str, Any]], right: bool) -> Any:
    """What verl's trainer hands over after a step, in its own class."""
    protocol = pytest.importorskip("verl.protocol", reason="tests/consumers.txt is not installed")
    info = np.empty(len(rows), object)
    info[:] = [row["extra_info"] for row in rows]
    acc = np.array([float(right)] * len(rows), object)
    return protocol.DataProto(non_tensor_batch={"extra_info": info, "acc": acc})


def test_verls_own_dataset_climbs(written: str) -> None:
    rl = pytest.importorskip("verl.utils.dataset.rl_dataset", reason="verl is not installed")
    data_config = config(written)
    made = rl.get_dataset_class(data_config)(written, tokenizer=None, config=data_config)
    assert isinstance(made, rl.RLHFDataset) and len(made) == 24
    for rung in RUNGS:
        assert made.climb.ladders["grid_navigation"][made.climb.at["grid_navigation"]] == rung
        rows = [made[i] for i in range(40)]
        own = [row for row in rows if f"/{rung}" in row["extra_info"]["address"]]
        assert len(own) >= 20
        made.on_batch_end(batch=batch(own, True))


def test_verls_own_sampler_climbs(written: str) -> None:
    sampler = pytest.importorskip(
        "verl.experimental.dataset.sampler", reason="verl has samplers up to 0.7.1"
    )
    loader = pytest.importorskip("torchdata.stateful_dataloader")
    from verl.utils.import_utils import load_extern_object

    data_config = config(written)
    rows = datasets.Dataset.from_parquet(written, cache_dir=data_config.cache_dir)
    source = type("Rows", (), {"dataframe": rows, "__len__": lambda self: len(rows)})()
    kind: Any = load_extern_object(data_config.sampler.class_path, data_config.sampler.class_name)
    made = kind(data_source=source, data_config=data_config)
    assert isinstance(made, sampler.AbstractCurriculumSampler) and len(made) == 24
    batches = iter(loader.StatefulDataLoader(rows, 4, sampler=made, collate_fn=list))
    for rung in RUNGS:
        shown = [row["address"] for row in next(batches)]
        assert len(shown) == 4 and any(f"/{rung}" in address for address in shown)
        due = [row for row in rows if f"/{rung}" in row["address"]][:4]
        made.update(batch=batch(due, True))
    assert made.climb.at["grid_navigation"] == 2
    kept = made.state_dict()
    on = [made.climb.draw() for _ in range(10)]
    made.load_state_dict(kept)
    assert [made.climb.draw() for _ in range(10)] == on


def test_addresses_of_rows_are_those_of_the_reward(written: str) -> None:
    rows = datasets.Dataset.from_parquet(written)
    assert rows["address"] == [row["address"] for row in rows["extra_info"]]
    assert avrgym.contents(rows["address"]) == rows["content"]
