"""Hypothesis profiles: ``fast``, the default, tries the same examples on every run.

``HYPOTHESIS_PROFILE=slow`` looks longer, and elsewhere each time.
"""

import math
import os

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


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    # A slow machine would be told now and then how far it is.
    monkeypatch.setattr("avrgym.cli.progress._EVERY", math.inf)
    return Command(capsys)
