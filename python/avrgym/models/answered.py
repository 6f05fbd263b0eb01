"""What a server's answer says: words, and how likely they are."""

from math import exp, fsum, isfinite
from typing import Any


def likelihood(choice: Any) -> tuple[int | None, float | None]:
    """How many tokens of a choice have log-probabilities, and their sum; None where none have."""
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    if not content:
        return None, None
    total = fsum(each.logprob for each in content)
    return (len(content), total) if isfinite(total) else (None, None)


def words(found: Any) -> bytes:
    """The words of the only choice."""
    text = (found.choices[0].message.content or "") if found.choices else ""
    return text.encode("utf-8", "surrogatepass")


def beliefs(found: Any) -> dict[str, float]:
    """Probabilities of the first token; none where the server tells none."""
    choices = found.choices or [None]
    content = getattr(getattr(choices[0], "logprobs", None), "content", None)
    if not content:
        return {}
    # The token itself stands among the likeliest, or beside them; those of one text are one.
    each = {one.token: one.logprob for one in (content[0], *(content[0].top_logprobs or ()))}
    told = dict[str, float]()
    for token, logprob in each.items():
        if isfinite(logprob):
            told[token.strip()] = min(1.0, told.get(token.strip(), 0.0) + exp(min(0.0, logprob)))
    return told
