"""Protects the comparison with losses of another project: a difference without a right reason fails."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import torch

from mllmu.benchmark import Benchmark
from mllmu.models import LoadedModel, load_model
from mllmu.synthesis import synthesize

FOLDER = Path(__file__).parents[2] / "benchmarks"
ASCENT = """
class GradAscent:
    def compute_loss(self, model, inputs):
        return {factor} * model(**inputs["forget"]).loss
"""
KL = """
from torch.nn.functional import kl_div

class GradDiff:
    def compute_loss(self, model, inputs):
        old, new = (one(**inputs["retain"]).logits.log_softmax(-1) for one in (self.ref_model, self.model))
        kl = kl_div(new.flatten(0, 1), old.flatten(0, 1), reduction="batchmean", log_target=True)
        return -model(**inputs["forget"]).loss + {weight} * self.alpha * kl
"""


@cache
def base() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    """The built-in model, and its weights before anything was unlearned."""
    loaded = load_model("tiny", "cpu")
    return loaded, deepcopy(loaded.model.state_dict())


@cache
def known_people() -> Benchmark:
    return synthesize(6, 1, 1, 7, image_size=64, test_image_size=64, test_views=1, ratios=(34,))


@pytest.fixture
def peer_losses(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    import peer_losses

    return peer_losses


@pytest.mark.parametrize(
    ("method", "file", "text", "is_equal", "verdict"),
    [
        ("ga", "grad_ascent", ASCENT.format(factor=-1), True, "| equal |"),
        ("ga", "grad_ascent", ASCENT.format(factor=-1.01), False, "| DIFFERENT |"),
        ("kl_min", "grad_diff", KL.format(weight=1), True, "padding as well; equal without that"),
        ("kl_min", "grad_diff", KL.format(weight=1.01), False, "| DIFFERENT |"),
    ],
)
def test_a_difference_has_to_vanish_with_its_reason(
    peer_losses: ModuleType,
    method: str,
    file: str,
    text: str,
    is_equal: bool,
    verdict: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """KL over all positions is not ours, and over answers alone it is; with another weight it never is."""
    trainers = tmp_path / "src" / "trainer" / "unlearn"
    trainers.mkdir(parents=True)
    (trainers / f"{file}.py").write_text(text)
    monkeypatch.setattr(peer_losses, "STEPS", 2)
    monkeypatch.setattr(peer_losses, "synthesize", lambda *sizes, **more: known_people())
    loaded, state = base()
    equal, row = peer_losses.compare(tmp_path, method, loaded, state)
    assert equal == is_equal and verdict in row, row


def test_answers_alone_are_the_rows_that_predict_them(peer_losses: ModuleType) -> None:
    """Two answers of two and one tokens: rows 1 and 2 of the first, row 2 of the second; labels likewise."""
    logits = torch.arange(16.0).reshape(2, 4, 2)
    labels = torch.tensor([[-100, -100, 7, 8], [-100, -100, -100, 9]])

    def model(labels: torch.Tensor) -> object:
        return peer_losses.SimpleNamespace(logits=logits, loss=torch.tensor(3.0))

    alone = peer_losses.AnswersAlone(model)
    assert alone(labels=labels).logits.tolist() == [[[2, 3], [4, 5], [12, 13]]]
    shifted = peer_losses.answers_alone({"labels": labels})
    assert shifted["labels"].tolist() == [[7, 7, 8, 9]]
    assert alone(**shifted).logits.tolist() == [[[2, 3], [4, 5], [12, 13], [12, 13]]]
