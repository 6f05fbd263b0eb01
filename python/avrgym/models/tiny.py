"""A small vision-language model of a standard class, built from a config and initialised at random.

``LlavaForConditionalGeneration``: SigLIP tower, two-layer projector, Llama decoder. Everything is
native transformers: ``AutoProcessor`` and ``AutoModelForImageTextToText`` load what is saved here.
The choices that decide whether so small a model learns at all are made here, each with its reason.
"""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from transformers import (
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
)

from avrgym.models.tokenizer import CHAT_TEMPLATE, IMAGE
from avrgym.train.settings import Tiny


def processor(tokenizer: PreTrainedTokenizerFast, shape: Tiny) -> LlavaProcessor:
    """Pictures of ``shape.height`` x ``shape.width`` pixels and texts as the model takes them.

    White maps to 0: most of a board is white, and a patch without ink then excites nothing.
    The Pillow-backed image processor needs no torchvision.
    """
    image = SiglipImageProcessorPil(
        size={"height": shape.height, "width": shape.width},
        do_resize=False,  # the core draws at the model's size
        image_mean=[1.0] * 3,
        image_std=[0.25] * 3,
    )
    return LlavaProcessor(
        image_processor=image,
        tokenizer=tokenizer,
        patch_size=shape.patch,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        image_token=IMAGE,
        chat_template=CHAT_TEMPLATE,
    )


def model(
    tokenizer: PreTrainedTokenizerFast, shape: Tiny, *, seed: int
) -> LlavaForConditionalGeneration:
    """A model with random weights; the same ``seed`` gives the same weights."""
    torch.manual_seed(seed)
    vision = SiglipVisionConfig(
        hidden_size=shape.hidden,
        intermediate_size=3 * shape.hidden,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        image_size=shape.height,
        patch_size=shape.patch,
        vision_use_head=False,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=3 * shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
    )
    made = LlavaForConditionalGeneration(
        LlavaConfig(
            text_config=text,
            vision_config=vision,
            image_token_index=tokenizer.get_vocab()[IMAGE],
            vision_feature_select_strategy="full",
            vision_feature_layer=-1,
            image_seq_length=shape.rows * shape.columns,
            tie_word_embeddings=True,
        )
    )
    with torch.no_grad():
        for name, weight in made.named_parameters():
            # The usual 0.02 is made for widths near 2,500; at width 64 signals die out and training
            # sits on a plateau for hundreds of steps.
            if weight.ndim == 2 and "norm" not in name:
                torch.nn.init.normal_(weight, std=shape.hidden**-0.5)
        _place(made, shape)
    made.generation_config.pad_token_id = tokenizer.pad_token_id
    made.generation_config.eos_token_id = tokenizer.eos_token_id
    # Servers take this for the default: without it a temperature says nothing.
    made.generation_config.do_sample = True
    return made


def _place(made: LlavaForConditionalGeneration, shape: Tiny) -> None:
    """Starts the position table as row vector + column vector: what lines up need not be found."""
    table = made.model.vision_tower.embeddings.position_embedding.weight
    std = shape.positions * (2 * shape.hidden) ** -0.5
    row = torch.randn(shape.rows, 1, shape.hidden) * std
    column = torch.randn(1, shape.columns, shape.hidden) * std
    table.copy_((row + column).reshape(table.shape))


@torch.no_grad()
def whiten(
    made: LlavaForConditionalGeneration,
    prepare: LlavaProcessor,
    images: NDArray[np.uint8],
    *,
    over: Literal["distinct", "all"] = "distinct",
) -> None:
    """Sets the patch embedding to the principal axes of real patches, each scaled to unit variance.

    Args:
        made: Changed in place.
        prepare: Turns pictures into the model's pixel values.
        images: Training pictures, uint8, shape (n, h, w, 3).
        over: Whether each distinct patch counts once, or each patch as often as it occurs.
    """
    ridge = 1e-3  # relative to the largest variance: axes below it are noise
    pixels = prepare.image_processor(list(images), return_tensors="pt")["pixel_values"]
    conv = made.model.vision_tower.embeddings.patch_embedding
    side = conv.kernel_size[0]
    patches = (
        F.unfold(pixels, side, stride=side)
        .transpose(1, 2)
        .reshape(-1, conv.weight[0].numel())
        .double()
    )
    # Distinct patches count once each: most of a board is white, and would drown the glyphs.
    patches, counts = torch.unique(patches, dim=0, return_counts=True)
    mean = patches.mean(0)
    centred = patches - mean
    if over == "all":  # rows weighted by how often they occur: the same axes for far less work
        share = (counts / counts.double().mean())[:, None]
        mean = (share * patches).mean(0)
        centred = share.sqrt() * (patches - mean)
    _, deviation, axes = torch.linalg.svd(centred, full_matrices=False)
    variance, axes = deviation**2 / len(patches), axes.T
    kept = min(conv.out_channels, int((variance > ridge * variance[0]).sum()))
    basis = (axes[:, :kept] / (variance[:kept] + ridge * variance[0]).sqrt()).T
    mix = torch.linalg.qr(torch.randn(conv.out_channels, kept, dtype=torch.double))[0]
    basis = mix * (conv.out_channels / kept) ** 0.5 @ basis
    conv.weight.copy_(basis.to(conv.weight.dtype).view_as(conv.weight))
    conv.bias.copy_((-basis @ mean).to(conv.bias.dtype))


def hold_patches(made: LlavaForConditionalGeneration) -> None:
    """Keeps the patch embedding as it is through all training that follows."""
    made.model.vision_tower.embeddings.patch_embedding.requires_grad_(False)
