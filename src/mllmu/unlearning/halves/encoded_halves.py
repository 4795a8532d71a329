"""The halves as tensors, and which tokens of their answers a loss reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mllmu.models import Encoded, LoadedModel
from mllmu.training import EncodedItems, Sample, SampleDataset
from mllmu.unlearning.forget_tokens import ForgetTokens, token_choice
from mllmu.unlearning.need import Half

# A ratio of true and alternative answers, or a distance of their states, compares the same parts of both.
_CHOSEN = (Half.ALTERNATIVE, Half.MISMATCHED, Half.TEXT_ONLY)


def encoded_halves(
    loaded: LoadedModel, samples: Mapping[Half, Sequence[Sample]], forget_tokens: ForgetTokens
) -> dict[Half, EncodedItems]:
    """Each half's samples as tensors.

    Of the true answers to the forget questions, and of what is compared with them, the tokens that are to be
    forgotten are read. Refusals, answers about others and retain answers are to be learned: all is read.

    Args:
        loaded: the model.
        samples: those of each half; the forget half is among them.
        forget_tokens: which tokens are to be forgotten.
    """
    choice = token_choice(forget_tokens)
    forget = SampleDataset(loaded, samples[Half.FORGET], choice)
    if choice is not None:
        choice.tell()
    items: dict[Half, EncodedItems] = {Half.FORGET: forget}
    for half in (half for half in samples if half is not Half.FORGET):
        chosen = token_choice(forget_tokens) if half in _CHOSEN else None
        items[half] = SampleDataset(loaded, samples[half], chosen)
    if Half.BLIND in items:
        items[Half.BLIND] = _SameTokens(items[Half.BLIND], forget)
    return items


class _SameTokens:
    """Items with other prompts, of whose answers the same tokens are read as of given ones."""

    def __init__(self, items: EncodedItems, read: EncodedItems) -> None:
        self._items, self._read = items, read

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        item = self._items[index]
        answer = int(item.answer_mask.sum())
        mask = item.answer_mask.clone()
        # Answers stand at the end of a row.
        mask[-answer:] = self._read[index].answer_mask[-answer:]
        return replace(item, answer_mask=mask)
