"""GRPO whose advantages go to tokens by what the verifier says of their steps."""

from functools import partial
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.analyses.parting import SCORE, SEES, THINKS
from avrgym.analyses.skills import blamed
from avrgym.core.extras import needs
from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion
from avrgym.models.tokens import ByteTable
from avrgym.prm.measure import auc
from avrgym.prm.online import Online
from avrgym.prm.scorer import Scorer
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt, rows
from avrgym.stream.rows import with_pillow
from avrgym.train.clock import Clock
from avrgym.train.credit import BySteps, Credit
from avrgym.train.credit.by_prime import Implied, of_others, told
from avrgym.train.credit.hidden import shown
from avrgym.train.trainers.judge import Judge

with needs("train"):
    import torch
    from accelerate.utils import gather_object
    from trl import GRPOTrainer


class StepCreditTrainer(GRPOTrainer):
    """TRL's GRPO trainer, with one advantage per token in place of one per reply.

    Everything else is TRL's: rewards, settings, callbacks. A batch is judged by the exact bytes of
    its tokens; then ``credit`` deals each reply's advantage to its tokens, and TRL's loss takes
    advantages of shape (n, tokens) as they are.

    Rows need an ``address`` and may have a ``format``, ``image`` if they have none; ``prompt`` and
    ``images`` are made of these where there are none, so a dataset can be
    ``Dataset.from_dict({"address": source.addresses(range(1_000))})`` and no picture is stored.
    """

    def __init__(
        self,
        *args: Any,
        credit: Credit | None = None,
        picture: Picture | None = None,
        judge: Judge | None = None,
        scorer: Scorer | None = None,
        online: Online | None = None,
        **settings: Any,
    ) -> None:
        """As TRL's trainer.

        Args:
            *args: TRL's.
            credit: How advantages are dealt; by :class:`avrgym.train.credit.BySteps` if not given.
            picture: How pictures are drawn that rows do not bring; 448 pixels in theme ``paper`` if
                not given.
            judge: What judges, where rewards are paid by it too; one is made if not given.
            scorer: A judge of steps, where credit goes by one.
            online: A judge that learns, where credit goes by one; checkpoints are not given it.
            **settings: TRL's.

        Raises:
            TaskError: The tokenizer does not tell which bytes its tokens are or what ends a reply,
                or replies would be of several turns, whose steps are not judged together.
        """
        super().__init__(*args, **settings)
        if self.tools:
            raise TaskError(
                "step credit is for replies of one turn; leave tools and environment_factory to "
                "TRL's own GRPOTrainer"
            )
        processor: Any = self.processing_class
        tokenizer = getattr(processor, "tokenizer", processor)
        if tokenizer.eos_token_id is None:
            raise TaskError(
                "the tokenizer has no eos_token, so that no reply would end; give it the one that "
                "its chat template puts behind a reply"
            )
        self.credit: Credit = credit or BySteps()
        self.picture = picture or Picture()
        self.judge = judge or Judge(ByteTable(tokenizer), Clock())
        self.scorer = scorer
        if getattr(self.credit, "SCORED", False) and scorer is None:
            raise TaskError(
                f"{type(self.credit).__name__} goes by a judge of steps; give one as scorer="
            )
        self.online = online
        if getattr(self.credit, "LEARNS", False):
            if online is None:
                raise TaskError(
                    f"{type(self.credit).__name__} goes by a judge that learns; give one as online="
                )
            online.summed = partial(self.accelerator.reduce, reduction="sum")

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """As TRL does; rows are in the order of ``inputs``, since TRL shuffles afterwards."""
        scored: dict[str, Any] = super()._generate_and_score_completions(self._laid_out(inputs))
        self._deal(scored)
        return scored

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: list[list[int]]
    ) -> torch.Tensor:
        """As TRL does; the batch is judged before."""
        addresses, formats = ([row.get(name) for row in inputs] for name in ("address", "format"))
        self.judge.judge(completion_ids_list, addresses, formats)
        paid: torch.Tensor = super()._calculate_rewards(
            inputs, prompts, completions, completion_ids_list
        )
        return paid

    def _deal(self, scored: dict[str, Any]) -> None:
        """Puts advantages of tokens, (n, tokens), where those of replies, (n,), were."""
        with self.judge.clock.measure("credit"):
            ids = scored["completion_ids"].cpu().numpy()
            dealt = self.credit.deal(
                scored["advantages"].float().cpu().numpy(),
                self.judge.table.lengths[ids],
                np.array([len(row) for row in self.judge.ids], np.int64),
                self.judge.verdicts,
                **self._scores(ids.shape[1]),
            )
        if dealt is not None:
            scored["advantages"] = torch.from_numpy(dealt).to(scored["advantages"].device)

    def _scores(self, width: int) -> dict[str, Any]:
        """What a judge says of the batch, by the name that the rule has for it, if it goes by one.

        Scored are the tokens as they were drawn, which have room for so many in a row.
        """
        if self.scorer is not None and getattr(self.credit, "SCORED", False):
            found = self.scorer.scores(*self._said())
            if len(found.score):
                self._metrics["train"][SCORE].append(float(np.nanmean(found.score)))
                self._blame("train")
            return {"scores": found}
        if self.online is not None and getattr(self.credit, "LEARNS", False):
            return {"implied": self._implied(self.online, width)}
        return {}

    def _blame(self, mode: str) -> None:
        """Beside the judge's score what goes wrong first: who cannot see is fooled there."""
        for name, flags in zip((SEES, THINKS), blamed(self.judge.verdicts), strict=True):
            self._metrics[mode][name].append(float(flags.mean()))

    def _said(self) -> tuple[list[Prompt], list[Completion]]:
        """Prompts and replies of the batch."""
        addresses, formats = self.judge.verdicts.addresses, self.judge.formats
        prompts = [
            Prompt(address, Format.parse(format or "image"))
            for address, format in zip(addresses, formats, strict=True)
        ]
        replies = [
            Completion(reply, tuple(ids))
            for reply, ids in zip(self.judge.replies, self.judge.ids, strict=True)
        ]
        return prompts, replies

    def _implied(self, online: Online, width: int) -> Implied:
        """Rewards by a judge that learns from this batch once it has scored it."""
        addresses = self.judge.verdicts.addresses
        known = shown(getattr(self.credit, "hidden", ()), addresses)
        right = np.where(known, self.judge.right, np.nan).astype(np.float32)
        model: Any = self.model
        mode = "train" if model.training else "eval"
        with self.compute_loss_context_manager():  # in the precision that the policy computes in
            found = online.hear(*self._said(), right, learn=mode == "train")
        rewards = np.zeros((len(addresses), width), np.float32)
        for row, own in zip(rewards, found.rewards, strict=True):
            row[: len(own)] = own
        mine = list(zip(addresses, map(told, found.rewards), right.tolist(), strict=True))
        names, said, labels = zip(*gather_object(mine), strict=True)
        whole, means, largest = np.array(said, np.float32).T
        truth = np.array(labels)
        has = np.isfinite(truth)
        numbers = {
            "loss": found.loss,
            "accuracy": found.accuracy,
            "auc": auc(whole[has], truth[has] > 0.5),
            "score": found.score,
        }
        for name, value in numbers.items():
            if not np.isnan(value):
                self._metrics[mode][f"judge/{name}"].append(value)
        self._blame(mode)
        first = self.accelerator.process_index * len(mine)
        others = of_others(means, np.array(names))[first : first + len(mine)]
        replies = self.num_generations if mode == "train" else self.num_generations_eval
        return Implied(rewards, others, int(replies or 0), float(largest.max()))

    def _laid_out(self, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows with a prompt and pictures, made of their addresses where they have none."""
        if inputs and "address" not in inputs[0]:
            raise TaskError("rows have no address to judge by; give the dataset a column address")
        if "prompt" in inputs[0]:
            return inputs
        asked = [
            Prompt(row["address"], Format.parse(row.get("format") or "image")) for row in inputs
        ]
        distinct = list(dict.fromkeys(asked))  # replies of a group have one picture
        made = dict(zip(distinct, map(with_pillow, rows(distinct, self.picture)), strict=True))
        return [{**row, **made[prompt]} for row, prompt in zip(inputs, asked, strict=True)]
