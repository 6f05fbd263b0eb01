"""Sizes that an image processor changes are told from those it leaves, as the real ones do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym import TaskError

qwen = pytest.importorskip("transformers.models.qwen2_vl.image_processing_pil_qwen2_vl")

from avrgym.models.processors import layout  # noqa: E402
from avrgym.prompts.fitting import changed, fitting  # noqa: E402

SIDES = st.integers(64, 4096)


@given(SIDES, SIDES, st.sampled_from(["qwen2.5-vl", "qwen3-vl"]))
def test_sizes_are_changed_that_the_real_one_resizes(height: int, width: int, name: str) -> None:
    made = layout(name)
    assert made.patches is not None
    rule = (made.patches.side * made.patches.merge, made.patches.least, made.patches.most)
    resized = qwen.smart_resize(height, width, *rule) != (height, width)
    assert bool(changed(made, height, width)) == resized
    fits = fitting(made, height, width)
    assert fits
    for tall, wide in fits:
        assert qwen.smart_resize(tall, wide, *rule) == (tall, wide)


def test_a_folder_of_a_processor_is_read(tmp_path: Path) -> None:
    real = qwen.Qwen2VLImageProcessorPil(
        patch_size=16, size={"shortest_edge": 65536, "longest_edge": 16777216}
    )
    real.save_pretrained(tmp_path)
    assert fitting(layout(str(tmp_path)), 500, 500) == [(480, 480), (512, 512)]
    assert changed(layout(str(tmp_path)), 512, 512) == []
    assert changed(layout("siglip"), 448, 448) == [(224, 224)]
    with pytest.raises(TaskError, match="qwen3-vl"):
        layout("nope")
