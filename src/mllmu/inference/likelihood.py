"""Teacher-forced scores of the sequences of a batch of rows.

Legend of shapes: b rows, t nodes, n predicting nodes, a answer tokens, h hidden, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.inference.layout import Layout, collate_rows
from mllmu.inference.packing import Row
from mllmu.inference.request import TokenScores


@torch.inference_mode()
def score_rows(model: Any, rows: Sequence[Row], layout: Layout, pad_id: int) -> list[TokenScores]:
    """Scores of all members of the rows, row by row, computed in float32 from the model's logits.

    Args:
        model: an image-text-to-text model in evaluation mode.
        rows: what `layout` made.
        layout: says what the tokens of a row may attend to.
        pad_id: id that fills rows up.
    """
    weight = next(model.parameters())
    batch = {**collate_rows(rows, pad_id), **layout.attention(rows, weight.dtype)}
    batch = {name: tensor.to(weight.device) for name, tensor in batch.items()}
    width = batch["input_ids"].shape[1]
    predicting: dict[int, int] = {}
    sources: list[int] = []
    targets: list[int] = []
    for index, row in enumerate(rows):
        for sequence, path in row.members:
            sources += [predicting.setdefault(index * width + node, len(predicting)) for node in path]
            targets += sequence.answer
    logits = _logits_at(model, batch, torch.tensor(list(predicting), device=weight.device)).float()  # [n, v]
    source = torch.tensor(sources, device=weight.device)  # [a]
    target = torch.tensor(targets, device=weight.device)  # [a]
    totals, best = logits.logsumexp(dim=-1), logits.argmax(dim=-1)  # [n]
    log_probs = (logits[source, target] - totals[source]).tolist()
    return _split(rows, log_probs, best[source].tolist())


def _split(rows: Sequence[Row], log_probs: list[float], argmax: list[int]) -> list[TokenScores]:
    """The scores of all answer tokens [a], cut into one `TokenScores` per member."""
    scores, start = [], 0
    for row in rows:
        for sequence, _ in row.members:
            span = slice(start, start + len(sequence.answer))
            hits = tuple(best == token for best, token in zip(argmax[span], sequence.answer, strict=True))
            scores.append(TokenScores(tuple(log_probs[span]), hits, tuple(argmax[span])))
            start = span.stop
    return scores


def _logits_at(model: Any, batch: Mapping[str, Tensor], flat: Tensor) -> Tensor:
    """Logits [n, v] at the places `flat` [n] of the flattened batch [b * t].

    Only these places are multiplied with the output matrix, which for a real vocabulary is most of the
    memory.
    """
    head = model.get_output_embeddings()
    if head is None:
        return model(**batch, use_cache=False).logits.flatten(0, 1)[flat]
    with _only(head, flat):
        return model(**batch, use_cache=False).logits[0]


@contextmanager
def _only(head: nn.Module, flat: Tensor) -> Iterator[None]:
    """Let the output layer see only the hidden states [b, t, h] at `flat` [n], as [1, n, h].

    A hook works alike for every family and inside adapters; ``logits_to_keep`` takes positions that differ
    from row to row only in some families and only in late versions of transformers 5.
    """

    def gather(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden, *rest = args
        return (hidden.flatten(0, 1)[flat][None], *rest)

    handle = head.register_forward_pre_hook(gather)
    try:
        yield
    finally:
        handle.remove()
