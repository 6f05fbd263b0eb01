"""Hypothesis profiles: ``fast``, the default, tries the same examples on every run.

``HYPOTHESIS_PROFILE=slow`` looks longer, and elsewhere each time.
"""

import os

from hypothesis import HealthCheck, settings

for name, examples in (("fast", 25), ("slow", 1000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        derandomize=name == "fast",
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
