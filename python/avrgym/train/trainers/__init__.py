"""TRL's trainers, so that they survive: what stages learn with."""
