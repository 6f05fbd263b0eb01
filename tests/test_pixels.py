"""Model input straight from addresses, beside what the real processors make of the pictures."""

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Layout, Patches, Source, TaskError, pixels, render
from sources import every_source

qwen = pytest.importorskip(
    "transformers.models.qwen2_vl.image_processing_pil_qwen2_vl",
    reason="the train extra is not installed",
)
import torch  # noqa: E402
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil  # noqa: E402
from transformers.models.siglip.image_processing_pil_siglip import (  # noqa: E402
    SiglipImageProcessorPil,
)

Qwen2VLImageProcessorPil = qwen.Qwen2VLImageProcessorPil

# Qwen3-VL has Qwen2-VL's class with these settings.
QWEN2 = {"size": {"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 16384}}
QWEN3 = {
    "patch_size": 16,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "size": {"shortest_edge": 256 * 256, "longest_edge": 4096 * 4096},
}
CASES: list[tuple[str, dict[str, Any], Layout, int | tuple[int, int]]] = [
    ("Qwen2VL", QWEN2, Layout.qwen2_vl(), 448),
    ("Qwen2VL", QWEN2, Layout.qwen2_vl(), (84, 140)),
    ("Qwen2VL", QWEN3, Layout.qwen3_vl(), 448),
    ("Qwen2VL", QWEN3, Layout.qwen3_vl(), (320, 256)),
    ("Siglip", {}, Layout.siglip(), 224),
    ("Siglip", {"size": {"height": 97, "width": 123}}, Layout(size=(97, 123)), (97, 123)),
    ("CLIP", {}, Layout.clip(), 224),
]
ADDRESSES = [
    Source(task, level, "test", 2).address(0)
    for task in avrgym.TASKS
    for level in ("simple", "hard")
]
Half = Literal["float16", "bfloat16"]
HALVES: list[Half] = ["float16", "bfloat16"]
HELD = {"float32": np.float32, "float16": np.float16, "bfloat16": np.uint16}


def processor(kind: str, backend: str, settings: dict[str, Any]) -> Any:
    if backend == "torchvision":
        pytest.importorskip("torchvision", reason="tests/consumers.txt is not installed")
        import transformers

        return getattr(transformers, f"{kind}ImageProcessor")(**settings)
    kinds = {
        "Qwen2VL": Qwen2VLImageProcessorPil,
        "Siglip": SiglipImageProcessorPil,
        "CLIP": CLIPImageProcessorPil,
    }
    return kinds[kind](**settings)


@pytest.mark.parametrize("backend", ["pil", "torchvision"])
@pytest.mark.parametrize(("kind", "settings", "layout", "size"), CASES)
def test_it_is_what_the_real_processor_makes(
    kind: str, settings: dict[str, Any], layout: Layout, size: int | tuple[int, int], backend: str
) -> None:
    real = processor(kind, backend, settings)
    for number, theme in enumerate(avrgym.THEMES):
        addresses = ADDRESSES[number::3]
        expected = real(list(render(addresses, size, theme, insist=True)), return_tensors="np")
        mine = pixels(addresses, layout, size, theme, insist=True)
        assert set(mine) == set(expected)
        assert mine["pixel_values"].dtype == np.float32
        np.testing.assert_allclose(
            mine["pixel_values"], expected["pixel_values"], rtol=0, atol=1e-6
        )
        if "image_grid_thw" in mine:
            np.testing.assert_array_equal(mine["image_grid_thw"], expected["image_grid_thw"])
            assert mine["image_grid_thw"].dtype == np.int64


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("backend", ["pil", "torchvision"])
@pytest.mark.parametrize(("kind", "settings", "layout", "size"), CASES)
def test_halves_are_what_the_real_processor_makes_rounded_by_torch(
    kind: str,
    settings: dict[str, Any],
    layout: Layout,
    size: int | tuple[int, int],
    backend: str,
    dtype: Half,
) -> None:
    addresses = ADDRESSES[::3]
    real = processor(kind, backend, settings)
    expected = real(list(render(addresses, size, insist=True)), return_tensors="pt")
    mine = pixels(addresses, layout, size, dtype=dtype, insist=True)
    assert set(mine) == set(expected)
    values = mine["pixel_values"]
    assert values.dtype == HELD[dtype]
    rounded = expected["pixel_values"].to(getattr(torch, dtype))
    assert torch.equal(torch.from_numpy(values).view(rounded.dtype), rounded)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    "layout",
    [
        *(layout for _, _, layout, _ in CASES),
        # Numbers halfway between two of bfloat16, and of float16.
        Layout((0, 0, 0), (1, -1, 3), 1 + 2**-8),
        Layout((0, 0, 0), (1, -1, 3), 1 + 2**-11),
        # Numbers below the smallest normal one of float16, and bytes as they are.
        Layout((0, 0, 0), (1, 1, 1), 2**-26),
        Layout((0, 0, 0), (1, 1, 1), 1),
    ],
    ids=str,
)
def test_every_byte_is_rounded_as_by_torch(layout: Layout, dtype: Half) -> None:
    rounded = torch.from_numpy(layout.tables()).to(getattr(torch, dtype))
    bits = rounded.view(torch.uint16).numpy()
    assert np.array_equal(layout.tables(dtype).view(np.uint16), bits)


@pytest.mark.parametrize(("kind", "settings", "layout", "size"), CASES)
def test_the_named_layouts_are_the_processors(
    kind: str, settings: dict[str, Any], layout: Layout, size: int | tuple[int, int]
) -> None:
    assert Layout.from_processor(processor(kind, "pil", settings)) == layout


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Qwen2VL", {"merge_size": 3, "temporal_patch_size": 1}),
        ("Qwen2VL", {"do_resize": False, "image_std": [0.1, 0.2, 0.7]}),
        ("Qwen2VL", {"do_normalize": False}),
        ("Siglip", {"do_resize": False, "image_mean": 0.25, "image_std": 2.0}),
        ("Siglip", {"do_resize": False, "rescale_factor": 1 / 128}),
        ("CLIP", {"size": {"shortest_edge": 168}, "crop_size": {"height": 168, "width": 252}}),
    ],
    ids=str,
)
def test_settings_are_read_off_a_processor(kind: str, settings: dict[str, Any]) -> None:
    real = processor(kind, "pil", settings)
    expected = real(list(render(ADDRESSES[:3], (168, 252), insist=True)), return_tensors="np")
    mine = pixels(ADDRESSES[:3], Layout.from_processor(real), (168, 252), insist=True)
    np.testing.assert_allclose(mine["pixel_values"], expected["pixel_values"], rtol=0, atol=1e-6)


def test_a_processor_is_found_within_another() -> None:
    class Processor:
        image_processor = processor("Qwen2VL", "pil", QWEN3)

    assert Layout.from_processor(Processor()) == Layout.qwen3_vl()


@pytest.mark.parametrize(
    ("kind", "settings", "word"),
    [
        ("CLIP", {"do_center_crop": False}, "height and a width"),
        ("CLIP", {"size": {"shortest_edge": 256}}, "height and a width"),
    ],
)
def test_what_cannot_be_done_is_refused(kind: str, settings: dict[str, Any], word: str) -> None:
    with pytest.raises(TaskError, match=word):
        Layout.from_processor(processor(kind, "pil", settings))


def test_an_unknown_processor_is_refused() -> None:
    with pytest.raises(TaskError, match=r"dict.*Qwen2VLImageProcessor"):
        Layout.from_processor({})


SIDES = st.integers(64, 4096)


@given(SIDES, SIDES, st.sampled_from([Layout.qwen2_vl(), Layout.qwen3_vl()]))
def test_fitting_is_smart_resize(height: int, width: int, layout: Layout) -> None:
    assert layout.patches is not None
    for patches in (layout.patches, Patches(16, 3, least=500_000, most=1_000_000)):
        expected = qwen.smart_resize(
            height, width, patches.side * patches.merge, patches.least, patches.most
        )
        assert patches.fitting(height, width) == expected


@pytest.mark.parametrize(
    ("layout", "size", "words"),
    [
        (
            Layout.qwen2_vl(),
            450,
            "450 x 450 .*multiples of 28, 3136 to 12845056 pixels.* 448 x 448",
        ),
        (Layout.qwen2_vl(), (448, 480), "448 x 476"),
        (Layout.qwen3_vl(), 128, "65536 to 16777216 pixels.* is 256 x 256"),
        (Layout.siglip(384), 448, "takes 384 x 384"),
        (Layout(), 32, "64 to 4096"),
    ],
)
def test_a_size_that_does_not_fit_is_refused(
    layout: Layout, size: int | tuple[int, int], words: str
) -> None:
    for addresses in ([], ADDRESSES[:1]):
        with pytest.raises(TaskError, match=words):
            pixels(addresses, layout, size, insist=True)


def test_other_errors_come_before_any_work() -> None:
    out = np.full((1024, 1176), 7, np.float32)
    with pytest.raises(TaskError, match="sepia"):
        pixels(ADDRESSES[:1], Layout.qwen2_vl(), theme="sepia", out=out)
    with pytest.raises(TaskError, match="nope"):
        pixels(["nope/simple#train:0:0"], Layout.qwen2_vl(), out=out)
    with pytest.raises(TaskError, match="need"):
        pixels(ADDRESSES[:2], Layout.qwen2_vl(), out=out)
    with pytest.raises(TypeError, match=r"float64; .*float32 need float32"):
        pixels(ADDRESSES[:1], Layout.qwen2_vl(), out=out.astype(np.float64))
    with pytest.raises(TypeError, match=r"float32; .*bfloat16 need uint16"):
        pixels(ADDRESSES[:1], Layout.qwen2_vl(), out=out, dtype="bfloat16")  # type: ignore[call-overload]
    with pytest.raises(TaskError, match=r"'double'.*float32, float16, bfloat16"):
        pixels(ADDRESSES[:1], Layout.qwen2_vl(), dtype="double")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="C-contiguous"):
        pixels(ADDRESSES[:1], Layout.qwen2_vl(), out=out[:, ::2])
    assert (out == 7).all()
    with pytest.raises(TaskError, match="8"):
        Patches(side=8)
    with pytest.raises(TaskError, match="zero"):
        Layout(std=(1, 0, 1))


@given(
    every_source(),
    st.lists(st.integers(0, 99), max_size=6),
    st.sampled_from(["float32", *HALVES]),
)
def test_a_buffer_and_a_batch_change_nothing(
    source: Source, indices: list[int], dtype: Literal["float32", "float16", "bfloat16"]
) -> None:
    addresses = source.addresses(indices)
    layout = Layout.qwen2_vl()
    out = np.empty((len(indices) * 64, 1176), HELD[dtype])
    together = pixels(addresses, layout, 112, out=out, dtype=dtype, insist=True)
    assert together["pixel_values"] is out
    for number, address in enumerate(addresses):
        alone = pixels([address], layout, 112, dtype=dtype, insist=True)["pixel_values"]
        assert np.array_equal(alone, out[number * 64 : (number + 1) * 64])
