"""Detects position embeddings that depend on the longest row of a batch (rope types dynamic and longrope).

Their frequencies are chosen anew in every forward pass by the largest position in it, so that one long row
changes the answers to all others; dynamic ones moreover keep those of the longest row so far.
"""

from __future__ import annotations

from typing import Any

import torch


def shared_rope_limit(model: Any) -> int | None:
    """The length below which rows of a batch do not change one another's position embeddings.

    Returns:
        A number of tokens, 0 if the model does not say it; None if rows of all lengths are independent.
    """
    limits = [limit for module in model.modules() for limit in _limits(module)]
    return min(limits, default=None)


@torch.inference_mode()
def forget_longest_row(model: Any, token: int) -> None:
    """Let a model read a single token, upon which dynamic frequencies are the original ones again."""
    ids = torch.tensor([[token]], device=model.get_input_embeddings().weight.device)
    model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)


def _limits(module: Any) -> list[int]:
    """The lengths from which a module's frequencies depend on a batch: one per rope type that does."""
    kinds = getattr(module, "rope_type", None)
    parameters = getattr(getattr(module, "config", None), "rope_parameters", None) or {}
    # Models whose layers differ have one type, and one set of parameters, per type of layer.
    by_layer = kinds if isinstance(kinds, dict) else {None: kinds}
    limits = []
    for layer, kind in by_layer.items():
        own = parameters if layer is None else parameters.get(layer) or {}
        if "dynamic" in str(kind):
            limits.append(int(getattr(module, "original_max_seq_len", 0)))
        elif kind == "longrope":
            limits.append(int(own.get("original_max_position_embeddings") or 0))
    return limits


def context_length(model: Any) -> int | None:
    """How many tokens a model's context holds; None where its configuration does not say.

    Of rope types that reach beyond it by the length of a row, it does not.
    """
    if shared_rope_limit(model) is not None:
        return None
    length = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return length if isinstance(length, int) else None
