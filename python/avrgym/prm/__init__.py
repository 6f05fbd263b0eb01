"""Judges of steps: what scores each step of a reply, how it is made, and how good it is.

Within, each file uses earlier ones alone: scorer · spans · measure → exact · data · tokens → batch
→ heads → judge.
"""

from avrgym.prm.scorer import Scorer, Scores

__all__ = ["Scorer", "Scores"]
