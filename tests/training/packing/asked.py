"""A batch in which pictures are shared, in part, beside text; and both ways to learn from it."""

from __future__ import annotations

from typing import Any

import torch

from mllmu.models import Encoded, LoadedModel
from mllmu.training import Sample, SampleDataset
from mllmu.training.data.answer_collator import AnswerBatch, AnswerCollator
from mllmu.training.packing.picture_groups import picture_groups
from mllmu.training.packing.row_packer import RowPacker
from mllmu.training.trainers.answer_logits import AnswerLogits, answer_logits
from tests.inference.test_families import photo

# Four questions of one picture, two of another that has another shape, one of a third; three without.
SAMPLES = [
    Sample("this person lives in", "Riga", photo(0), "001"),
    Sample("who likes soup?", "nurse and cats", None, "002"),
    Sample("this person works as a teacher in", "Paris London", photo(0), "001"),
    Sample("what?", "soup", photo(1), "002"),
    Sample("this person likes", "cats and soup and cats", photo(0), "001"),
    Sample("and?", "Riga", None, "001"),
    Sample("who works?", "works as nurse", photo(1), "002"),
    Sample("this person works as", "likes soup", photo(2), "003"),
    Sample("who lives in Paris? who likes cats?", "nurse", None, "003"),
    Sample("this person lives in", "Paris", photo(0), "001"),
]


def encoded(loaded: LoadedModel) -> list[Encoded]:
    items = SampleDataset(loaded, SAMPLES)
    return [items[index] for index in range(len(items))]


def both_ways(packer: RowPacker, items: list[Encoded]) -> tuple[AnswerBatch, AnswerBatch]:
    """The batch as it is, and packed however little that saves."""
    plain = AnswerCollator(packer.pad_id)(items)
    rows = packer.pack(items, picture_groups(items, packer.feature_id))
    return plain, {**plain, "packed": rows}


def learned(model: Any, batch: AnswerBatch) -> tuple[AnswerLogits, dict[str, torch.Tensor]]:
    """Answers, and the gradient of their mean log-likelihood."""
    model.zero_grad()
    answers = answer_logits(model, batch["inputs"], batch.get("packed"))
    (answers.token_log_probs().sum() / len(answers.targets)).backward()
    return answers, {
        name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None
    }


def assert_same(plain: Any, packed: Any) -> None:
    """Answers sample by sample, and gradients, up to rounding in float32."""
    (answers, gradients), (others, other_gradients) = plain, packed
    assert torch.equal(answers.targets, others.targets) and torch.equal(answers.mask, others.mask)
    torch.testing.assert_close(others.logits, answers.logits, rtol=0, atol=2e-5)
    torch.testing.assert_close(
        others.token_log_probs().sum(), answers.token_log_probs().sum(), rtol=1e-6, atol=0
    )
    scale = max(float(gradient.abs().max()) for gradient in gradients.values())
    assert gradients.keys() == other_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(other_gradients[name], gradient, rtol=0, atol=1e-5 * scale)
