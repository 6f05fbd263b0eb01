"""Datasets on disk: a mixture written once, the same bytes whoever writes it, checked afterwards.

A dataset is a pure function of its :class:`Settings`. Files depend only on what stands before them:

contents · scores · settings → rows → layouts → containers → workbooks → tables → columns → judge →
ranges → excluded → plan → exclusions → addressed → shards → manifest → exports → card → generate
→ rehearsal · proof/* → check
"""

from avrgym.data.check import check
from avrgym.data.generate import Stage, generate
from avrgym.data.judge import Judged, Outcomes, verify_file
from avrgym.data.proof.findings import Finding
from avrgym.data.settings import Settings, Writing

__all__ = [
    "Finding",
    "Judged",
    "Outcomes",
    "Settings",
    "Stage",
    "Writing",
    "check",
    "generate",
    "verify_file",
]
