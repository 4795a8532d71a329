"""Hidden states of one decoder layer at the answer tokens of a batch.

Legend of shapes: b rows, t tokens, n answer tokens in all rows, d hidden width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mllmu.models.cross_attention import by_images


def answer_states(model: Any, batch: Mapping[str, Tensor], layer: str) -> Tensor:
    """Run a model on a collated batch and read what a layer puts out at the answer tokens, [n, d] float32.

    Args:
        model: an image-text-to-text model, with or without PEFT adapters.
        batch: what ``models.collate`` made, on the model's device.
        layer: name of a decoder layer, as ``module_map`` gives it.
    """
    inputs = dict(batch)
    mask = inputs.pop("answer_mask")
    dtype = next(model.parameters()).dtype
    inputs = {key: value.to(dtype) if value.is_floating_point() else value for key, value in inputs.items()}
    unwrap = getattr(model, "get_base_model", None)  # PEFT's
    whole: Any = model if unwrap is None else unwrap()
    read = whole.get_submodule(layer)

    def states(rows: dict[str, Tensor]) -> Tensor:
        outputs: list[Any] = []
        handle = read.register_forward_hook(lambda module, arguments, output: outputs.append(output))
        try:
            whole.base_model(**rows, use_cache=False)
        finally:
            handle.remove()
        return outputs[0][0] if isinstance(outputs[0], tuple) else outputs[0]

    return by_images(inputs, states)[mask].float()
