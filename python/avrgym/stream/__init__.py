"""Mixtures as streams: pictures drawn while a trainer reads, in any number of ranks and workers.

:mod:`avrgym.stream.rows` has map-style access, :mod:`avrgym.stream.torch` a PyTorch
``IterableDataset`` and :mod:`avrgym.stream.hf` one of Hugging Face ``datasets``. All give the same
rows in the same order, and none needs anything to be written first.
"""

from avrgym.stream.rows import InputRow, Rows, with_pillow

__all__ = ["InputRow", "Rows", "with_pillow"]
