"""The API reference: a page for each part of the public surface, filled by mkdocstrings."""

from pathlib import Path

#: The questions to rows of results, and what they are answered with.
ANALYSES: tuple[str, ...] = (
    *("accuracy", "length", "passes", "failures", "paired", "s2h", "modality", "skills", "hazard"),
    *("difficulty", "items", "lltm", "glicko", "responses", "calibration", "power", "seeds"),
    *("table", "interval", "parting"),
)

#: Page, title, and what stands on it: modules with all that they show, or names.
PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "samples",
        "Samples and addresses",
        ("avrgym.core.address", "avrgym.core.samples", "avrgym.core.facts", "avrgym.core.held_out"),
    ),
    (
        "pictures",
        "Pictures and model input",
        ("avrgym.core.pictures", "avrgym.prompts.layout", "avrgym.prompts.pixels"),
    ),
    (
        "prompts",
        "Prompts",
        ("avrgym.prompts.prompt", "avrgym.prompts.formats", "avrgym.prompts.templates"),
    ),
    ("verdicts", "Verdicts and rewards", ("avrgym.core.verdicts", "avrgym.rewards")),
    (
        "environments",
        "Environments",
        (
            "avrgym.envs",
            "avrgym.envs.reply",
            "avrgym.envs.board",
            "avrgym.envs.board_vector",
            "avrgym.envs.dialogue",
            "avrgym.adapters.reasoning_gym",
        ),
    ),
    (
        "mixtures",
        "Mixtures and streams",
        ("avrgym.mixtures", "avrgym.stream", "avrgym.stream.torch", "avrgym.stream.hf"),
    ),
    ("data", "Datasets on disk", ("avrgym.data", "avrgym.data.scores")),
    (
        "models",
        "Models",
        (
            "avrgym.models.spec",
            "avrgym.models.load",
            "avrgym.models.completion",
            "avrgym.models.policy",
            "avrgym.models.endpoint",
            "avrgym.models.fits",
        ),
    ),
    (
        "training",
        "Training",
        (
            "avrgym.train.spec",
            "avrgym.train.stages",
            "avrgym.train.curricula",
            "avrgym.train.credit",
        ),
    ),
    (
        "prm",
        "Judges of steps",
        (
            "avrgym.prm.scorer",
            "avrgym.prm.exact",
            "avrgym.prm.data",
            "avrgym.prm.heads",
            "avrgym.prm.judge",
            "avrgym.prm.measure",
        ),
    ),
    (
        "evaluation",
        "Evaluation",
        (
            "avrgym.evaluate.suite",
            "avrgym.evaluate.suites",
            "avrgym.evaluate.subjects.subject",
            "avrgym.evaluate.policies",
            "avrgym.evaluate.session",
            "avrgym.evaluate.results",
            "avrgym.runs.record",
            *(f"avrgym.analyses.{name}" for name in ANALYSES),
        ),
    ),
)


def write(to: Path) -> None:
    """Writes ``api/``: what is to be filled in, and ``index.md``."""
    to.mkdir(parents=True)
    lines = [
        "# API reference",
        "",
        "Made of the docstrings. What `avrgym` itself names (`avrgym.verify`, `avrgym.Source`, …)",
        "stands where it is defined.",
        "",
    ]
    for page, title, modules in PAGES:
        lines.append(f"* [{title}]({page}.md): {', '.join(f'`{module}`' for module in modules)}")
        body = "\n\n".join(f"::: {module}" for module in modules)
        (to / f"{page}.md").write_text(f"# {title}\n\n{body}\n", "utf-8")
    lines.append("")
    (to / "index.md").write_text("\n".join(lines), "utf-8")
