"""Hidden states of one decoder layer at the answer tokens of a batch.

Legend of shapes: b rows, t tokens, n answer tokens in all rows, d hidden width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mllmu.models.inputs.cross_attention import by_images
from mllmu.training.trainers.answer_logits import model_inputs, output_layer_reads, without_adapters


def answer_states(model: Any, batch: Mapping[str, Tensor], layer: str) -> Tensor:
    """Run a model on a collated batch and read what a layer puts out at the answer tokens, [n, d] float32.

    Args:
        model: an image-text-to-text model, with or without PEFT adapters.
        batch: what ``models.collate`` made, on the model's device.
        layer: name of a decoder layer, as ``module_map`` gives it.
    """
    mask = batch["answer_mask"]
    read = without_adapters(model).get_submodule(layer)

    def states(rows: dict[str, Tensor]) -> Tensor:
        outputs: list[Any] = []
        handle = read.register_forward_hook(lambda module, arguments, output: outputs.append(output))
        try:
            # Of the logits, nobody reads any; one costs nothing.
            with output_layer_reads(model, lambda hidden: hidden[0, :1]):
                model(**rows, use_cache=False)
        finally:
            handle.remove()
        return outputs[0][0] if isinstance(outputs[0], tuple) else outputs[0]

    return by_images(model_inputs(model, batch), states)[mask].float()
