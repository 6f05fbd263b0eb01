"""Who does long work: this process, processes beside it, or a Ray cluster that runs."""

from avrgym.jobs.local import ENGINES, check, cores, run, serve, tell

__all__ = ["ENGINES", "check", "cores", "run", "serve", "tell"]
