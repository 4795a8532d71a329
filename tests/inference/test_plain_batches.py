"""Protects: who is asked in plain batches holds the pictures of one batch, not of all questions."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu.inference import Limits, Request, TransformersEngine
from mllmu.inference.in_memory import plain_batches
from mllmu.models import Conversation, Message
from tests.families import mllama
from tests.models.conftest import png


def asked(number: int) -> Request:
    """A question after an example with another picture."""
    pictures = [png(f"rgb({number * 20}, {shade}, 0)", (32, 32)) for shade in (10, 90)]
    example = (Message("user", "who?", (pictures[0],)), Message("assistant", "Riga"))
    return Request(Conversation((*example, Message("user", "who?", (pictures[1],)))), "Riga")


def test_only_one_batch_is_encoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    encoded = plain_batches.PlainBatches._encoded

    def counted(self: Any, batch: Any) -> Any:
        held.append(len(batch))
        return encoded(self, batch)

    monkeypatch.setattr(plain_batches.PlainBatches, "_encoded", counted)
    engine = TransformersEngine(
        mllama(), Limits(row_tokens=512, batch_tokens=4096, batch_rows=3, memory=2**30)
    )
    requests = [asked(number) for number in range(8)]
    together = engine.score(requests)
    assert sum(held) == 8 and max(held) == 3
    for request, scores in zip(requests, together, strict=True):
        (alone,) = engine.score([request])
        assert scores.log_probs == pytest.approx(alone.log_probs, abs=1e-4)
