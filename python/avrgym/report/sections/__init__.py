"""The questions of a report, in the order of the page: one file each, and a line here."""

from avrgym.report.section import Analysis
from avrgym.report.sections.calibration import CALIBRATION
from avrgym.report.sections.climb import CLIMB
from avrgym.report.sections.difficulty import DIFFICULTY
from avrgym.report.sections.features import FEATURES
from avrgym.report.sections.hazard import HAZARD
from avrgym.report.sections.headline import HEADLINE
from avrgym.report.sections.judge import JUDGE
from avrgym.report.sections.modality import MODALITY
from avrgym.report.sections.outcomes import OUTCOMES
from avrgym.report.sections.passes import PASSES
from avrgym.report.sections.power import POWER
from avrgym.report.sections.recovered import RECOVERED
from avrgym.report.sections.s2h import S2H
from avrgym.report.sections.settings import SETTINGS
from avrgym.report.sections.skills import SKILLS
from avrgym.report.sections.support import SUPPORT
from avrgym.report.sections.training import TRAINING

#: All of them.
ANALYSES: tuple[Analysis, ...] = (
    HEADLINE,
    PASSES,
    OUTCOMES,
    SKILLS,
    SUPPORT,
    MODALITY,
    S2H,
    RECOVERED,
    FEATURES,
    HAZARD,
    DIFFICULTY,
    CALIBRATION,
    TRAINING,
    CLIMB,
    JUDGE,
    POWER,
    SETTINGS,
)
