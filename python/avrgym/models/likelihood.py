"""How likely a reply is to the model that says it, told while it is said: no second pass."""

from avrgym.core.extras import needs

with needs("train"):
    import torch
    from transformers import LogitsProcessor


class Likelihood(LogitsProcessor):
    """Listens in while replies are drawn, and holds the log-probability of each token.

    Handed to ``generate``, it stands behind what forbids tokens and before temperature and top_p:
    log-probabilities are of the model's own distribution, at temperature 1, over what can be said.
    Of all logits only those of one step are held at a time.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._logits: torch.Tensor | None = None
        self._said: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Hears the last tokens, and the logits of the next ones, which stay as they are."""
        self._hear(input_ids)
        self._logits = scores
        return scores

    def tokens(self, out: torch.Tensor) -> torch.Tensor:
        """Log-probability of each token that was drawn, float32 (n, t).

        Args:
            out: What ``generate`` gave, (n, prompt + t). Behind the end of a reply figures mean
                nothing.
        """
        self._hear(out)
        self._logits = None
        return torch.stack(self._said, 1)

    def _hear(self, ids: torch.Tensor) -> None:
        if self._logits is not None:
            drawn = self._logits.gather(1, ids[:, -1:])[:, 0]
            self._said.append(drawn - self._logits.logsumexp(1))
