"""The core's name: what was made and judged by one is made and judged alike by its equals."""

from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version

from avrgym.core.samples import TASKS, levels, samples
from avrgym.core.verdicts import verify


@cache
def generator() -> str:
    """Names the core by what it makes: the package's version, and a digest of samples and verdicts.

    Returns:
        ``version+digest``; equal digests (16 hexadecimal digits) say that the first test sample of
        each level, and the verdict on its own rationale, are the same.
    """
    addresses = [f"{t}/{level}#test:0:0" for t in TASKS for level in levels(t)]
    made_of = samples(addresses)
    verdicts = verify(addresses, [sample.rationale for sample in made_of])
    made = blake2b(repr(made_of).encode(), digest_size=8)
    for column in (verdicts.outcome, verdicts.components, verdicts.step_end, verdicts.step_skill):
        made.update(column.tobytes())
    try:
        name = version("avrgym")
    except PackageNotFoundError:
        name = "unversioned"
    return f"{name}+{made.hexdigest()}"
