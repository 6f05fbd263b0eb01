"""Pages to look at: the report of a run and the gallery of tasks."""
