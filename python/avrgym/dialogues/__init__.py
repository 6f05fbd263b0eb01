"""Worked steps as a dialogue: a question a turn, judged, and held to what was said before."""
