"""Hypothesis profiles: ``fast``, the default, tries the same examples on every run.

``HYPOTHESIS_PROFILE=slow`` looks longer, and elsewhere each time.
"""

import math
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from commands import Command

for name, examples in (("fast", 25), ("slow", 1000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        derandomize=name == "fast",
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

#: Begun first, so that no worker is alone with them at the end.
LONGEST = ("test_toy_task.py", "test_train_survives.py", "test_data_generate.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    # A slow machine would be told now and then how far it is.
    monkeypatch.setattr("avrgym.cli.progress._EVERY", math.inf)
    return Command(capsys)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Tiny models lose time by a second thread; other files' tests keep theirs."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
