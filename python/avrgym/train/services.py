"""Where else the numbers of training go: the services that ``report_to`` of a trainer names."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avrgym.core.arguments import named

# Packages by service, where they are called otherwise than it; one of several is enough.
PACKAGES: dict[str, tuple[str, ...]] = {
    "azure_ml": ("azureml",),
    "flyte": ("flytekit",),
    "kubeflow": (),  # a place where jobs run, which says by itself that it is there
    "tensorboard": ("tensorboard", "tensorboardX"),
}
FOLDER = "tensorboard"  # of a run, for what TensorBoard reads


def asked(report_to: Any) -> list[str]:
    """The services that a setting names; ``all``, which is what is there, and ``none`` are none.

    Args:
        report_to: A name or a list of names, as ``transformers`` takes it.

    Raises:
        TaskError: There is no such service; the message has those that there are.
    """
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    given = list(report_to) if isinstance(report_to, list | tuple) else [report_to]
    if given in (["all"], ["none"]):
        return []
    return [named("trl.report_to", name, tuple(INTEGRATION_TO_CALLBACK)) for name in given]


def lacking(service: str) -> str | None:
    """The package that has to be installed for a service; None where it is."""
    packages = PACKAGES.get(service, (service,))
    if not packages or any(find_spec(package) is not None for package in packages):
        return None
    return packages[0]


def home(trainer: Any, folder: Path) -> None:
    """Has what TensorBoard reads stay when a stage's checkpoints go, among which it would lie.

    Args:
        trainer: Of ``transformers``.
        folder: Where it goes, unless ``TENSORBOARD_LOGGING_DIR`` says otherwise.
    """
    from transformers.integrations.integration_utils import TensorBoardCallback

    for callback in trainer.callback_handler.callbacks:
        if isinstance(callback, TensorBoardCallback) and callback.logging_dir is None:
            callback.logging_dir = str(folder)
