"""Evaluations to browse, made by asking subjects, and a page with the failure browser alone."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

import avrgym
from avrgym.core.pictures import Picture
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.policies import Policy, subject
from avrgym.evaluate.session import Session, conduct
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Completion
from avrgym.prompts.prompt import Prompt
from avrgym.report.browser import Browser

#: What a reply may say that a page must not do.
HOSTILE: tuple[bytes, ...] = (
    b"</script><script>window.hacked = 1</script>",
    b"</noscript><img src=x onerror='window.hacked = 1'>",
    b"<!--<script>\"'`${window.hacked = 1}`",
    "\u2028\u2029 \u202eevil\u202c \u2066x\u2069 \ufeff\x00\x1b[31m".encode(),
    b"\xff\xfe\x80 \xed\xa0\x80 \xf0\x9f\x98",
    "שלום עולם 😀 ﷽".encode(),
    b"",
)

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Failures</title><style>
:root { --ground: #fafaf9; --card: #fff; --ink: #1c1917; --soft: #6b645f; --line: #e7e5e4;
  --ok: #15803d; --bad: #b91c1c; --odd: #a16207; --accent: #c2410c; color-scheme: light dark }
@media (prefers-color-scheme: dark) { :root { --ground: #171514; --card: #211e1c; --ink: #eceae8;
  --soft: #a8a29e; --line: #35312e; --ok: #86efac; --bad: #fca5a5; --odd: #fcd34d;
  --accent: #fb923c } }
* { box-sizing: border-box } body { margin: 0; background: var(--ground); color: var(--ink) }
main { max-width: 1160px; margin: 0 auto; padding: 24px 14px }
p { max-width: 80ch; color: var(--soft) }
</style></head><body><main>{% include "browser.html.jinja" %}</main></body></html>"""


def page(browser: Browser) -> str:
    """The fragment within the least that it needs."""
    import avrgym.report

    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(Path(avrgym.report.__file__).parent),
    )
    return environment.from_string(_PAGE).render(browser=browser)


def confused(name: str, share: float) -> Policy:
    """A policy that swaps lines of a share of rationales, is cut at times, or hostile."""

    def ask(
        prompts: Sequence[Prompt], /, picture: Picture, *, draw: int, **_: Any
    ) -> list[Completion]:
        samples = avrgym.samples(prompt.address for prompt in prompts)
        made = []
        for at, (prompt, sample) in enumerate(zip(prompts, samples, strict=True)):
            luck = random.Random(f"{name} {prompt} {draw}")
            lines = sample.rationale.splitlines()
            if luck.random() < share:
                one, two = luck.randrange(len(lines)), luck.randrange(len(lines))
                lines[one], lines[two] = lines[two], lines[one]
            reply = "\n".join(lines).encode()
            cut = luck.random() < 0.15
            reply = reply[: len(reply) * 2 // 3] if cut else reply
            if luck.random() < 0.2:
                reply = HOSTILE[at % len(HOSTILE)] + reply[: len(reply) // 2]
            tokens = len(reply) // 3 if luck.random() < 0.9 else None
            made.append(Completion(reply, (), "length" if cut else "stop", 0.1, tokens))
        return made

    return Policy(name, ask)


def evaluated(
    folder: Path, policy: Policy | str, picture: Picture | None = None, **asked: Any
) -> Path:
    """A folder with the replies of a policy, or of a subject by its name."""
    known = subject(policy) if isinstance(policy, str) else policy
    session = Session(
        policy=known.name,
        suite="mine",
        evaluation=Evaluation(**asked),
        picture=picture or Picture(),
    )
    conduct(session, known, Folder(folder), lambda rows: None)
    return folder


def written(folder: Path, rows: Sequence[dict[str, Any]], policy: str = "mine") -> Path:
    """A folder with rows as they are."""
    folder.mkdir(parents=True)
    kept = Folder(folder)
    kept.note({"policy": policy, "picture": {"size": 64, "theme": "compact", "insist": True}})
    kept.write(rows)
    return folder
