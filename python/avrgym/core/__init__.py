"""Samples and verdicts by address: the core's functions as values of Python."""
