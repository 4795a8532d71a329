"""Our losses beside those of open-unlearning, on the same batch of the same model.

    python benchmarks/peer_losses.py path/to/open-unlearning

The folder is a clone of the repository locuslab/open-unlearning (MIT), whose own code is run. Each of our
methods unlearns names for some steps; then its loss and gradient are compared with what the peer's trainer
computes from the same weights, the weights before the first step, and the same rows. Names alone, because the
peer hands no pictures to the model. Exit code 1 if a loss differs for which no reason is given.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from mllmu.cli.console import prepare_libraries
from mllmu.models import LoadedModel, load_model
from mllmu.synthesis import synthesize
from mllmu.unlearning import METHODS, Side, Step, unlearn
from mllmu.unlearning.loss_terms import unit_direction

STEPS = 4
COMMON = {"learning_rate": 1e-3, "batch_size": 4, "precision": "float32", "forget_tokens": "answer"}
RATIO = 34
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Peer:
    """One loss of the peer.

    Attributes:
        module: file of its trainer.
        trainer: class in it.
        ours: settings of our method.
        theirs: attributes of its trainer.
        reason: why the two differ; empty if they should not.
    """

    module: str
    trainer: str
    ours: Mapping[str, float] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


RETAINED = {"gamma": 1.0, "alpha": 0.7, "retain_loss_type": "NLL"}
PEERS = {
    "ga": Peer("grad_ascent", "GradAscent"),
    "grad_diff": Peer("grad_diff", "GradDiff", {"gamma": 1.3, "alpha": 0.7}, {**RETAINED, "gamma": 1.3}),
    "kl_min": Peer(
        "grad_diff",
        "GradDiff",
        {"alpha": 0.7},
        {**RETAINED, "retain_loss_type": "KL"},
        "its KL is a mean over prompt and padding as well",
    ),
    "npo": Peer("npo", "NPO", {"beta": 0.4, "alpha": 0.7}, {**RETAINED, "beta": 0.4}),
    "dpo": Peer("dpo", "DPO", {"beta": 0.4, "alpha": 0.7}, {**RETAINED, "beta": 0.4}),
    "simnpo": Peer(
        "simnpo",
        "SimNPO",
        {"beta": 4.5, "delta": 0.2, "gamma": 0.5, "alpha": 0.7},
        {**RETAINED, "beta": 4.5, "delta": 0.2, "gamma": 0.5},
    ),
    "undial": Peer(
        "undial",
        "UNDIAL",
        {"beta": 5.0, "alpha": 0.7},
        {**RETAINED, "beta": 5.0},
        "it distils prompt and padding as well, where the label -100 lowers a token of the vocabulary",
    ),
    "wga": Peer("wga", "WGA", {"beta": 0.5, "alpha": 0.7}, {**RETAINED, "beta": 0.5}),
    "satimp": Peer(
        "satimp",
        "SatImp",
        {"beta1": 5.0, "beta2": 1.0, "gamma": 0.6, "alpha": 0.7},
        {**RETAINED, "beta1": 5.0, "beta2": 1.0, "gamma": 0.6},
    ),
    "ce_u": Peer("ceu", "CEU", {"skipped": 1}, {"ignore_first_n_answer_tokens": 1}),
    "rmu": Peer(
        "rmu",
        "RMU",
        {"c": 2.0, "alpha": 0.7},
        {**RETAINED, "retain_loss_type": "EMBED_DIFF"},
        "it divides the sum over each answer by the tokens of every answer; equal with one sample a batch",
    ),
}


@dataclass
class Seen:
    """One step of ours: its batch, loss and gradient, and the names of the weights that learn."""

    step: Step
    loss: float
    gradient: Tensor
    learned: frozenset[str]


class SeenError(Exception):
    """Ends a training once its step has been seen."""


def load_peer(folder: Path, module: str) -> ModuleType:
    """A file of the peer's trainers, without what only its training loop needs."""
    trainers = folder / "src" / "trainer"
    if not (trainers / "unlearn" / f"{module}.py").is_file():
        raise SystemExit(f"{trainers / 'unlearn'} has no {module}.py; expected a clone of open-unlearning")
    package, unlearning = ModuleType("trainer"), ModuleType("trainer.unlearn")
    package.__path__, unlearning.__path__ = [str(trainers)], [str(trainers / "unlearn")]
    base, deepspeed = ModuleType("trainer.unlearn.base"), ModuleType("deepspeed")
    vars(base)["UnlearnTrainer"] = type("UnlearnTrainer", (), {})
    vars(deepspeed)["DeepSpeedEngine"] = type("DeepSpeedEngine", (), {})
    stand_ins = {each.__name__: each for each in (package, unlearning, base, deepspeed)}
    with patch.dict(sys.modules, stand_ins):
        return importlib.import_module(f"trainer.unlearn.{module}")


@contextmanager
def recorded(method: str, seen: list[Seen], model: Any) -> Iterator[None]:
    """Keep the last of some steps, and end the training there."""
    kind: Any = METHODS.get(method)
    original = kind.loss

    def loss(self: Any, step: Step) -> Tensor:
        value: Tensor = original(self, step)
        if step.moment.number == STEPS - 1:
            learned = frozenset(name for name, one in model.named_parameters() if one.requires_grad)
            seen.append(Seen(step, float(value.detach()), gradient_of(value, model), learned))
            raise SeenError
        return value

    kind.loss = loss
    try:
        yield
    finally:
        kind.loss = original


def gradient_of(loss: Tensor, model: Any) -> Tensor:
    """The gradient by all weights that learn, as one vector; zero where the loss does not depend on one."""
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    parts = torch.autograd.grad(loss, learned, allow_unused=True)
    zeros = (torch.zeros_like(p) if g is None else g for p, g in zip(learned, parts, strict=True))
    return torch.cat([part.flatten() for part in zeros])


def peer_inputs(side: Side) -> dict[str, Tensor]:
    """A half of our batch as the peer takes it, with -100 as the label of what is no answer."""
    inputs: dict[str, Tensor] = side._batch["inputs"]
    labels = inputs["input_ids"].masked_fill(~inputs["answer_mask"].bool(), -100)
    return {"input_ids": inputs["input_ids"], "attention_mask": inputs["attention_mask"], "labels": labels}


def peer_loss(folder: Path, method: str, seen: Seen, model: Any, before: Any) -> Tensor:
    """What the peer's trainer makes of the same step."""
    peer, step = PEERS[method], seen.step
    kind = getattr(load_peer(folder, peer.module), peer.trainer)
    trainer = kind.__new__(kind)
    vars(trainer).update(model=model, ref_model=before, **peer.theirs)
    inputs: dict[str, Any] = {"forget": peer_inputs(step.forget)}
    if "alpha" in peer.ours:
        inputs["retain"] = peer_inputs(step.retain)
    if method == "dpo":
        inputs["forget"] = {"original": inputs["forget"], "alternate": peer_inputs(step.refusal)}
    if method == "rmu":
        layer = step.forget._state_layer
        width = model.config.get_text_config().hidden_size
        direction = peer.ours["c"] * unit_direction(width, step.moment.seed)
        vars(trainer).update(
            model_module=model.get_submodule(layer),
            ref_module=before.get_submodule(layer),
            control_vec=direction.reshape(1, 1, -1),
        )
    loss: Tensor = trainer.compute_loss(model, inputs)
    return loss


def compare(folder: Path, method: str, loaded: LoadedModel, state: Mapping[str, Tensor]) -> tuple[bool, str]:
    """Whether both are equal or a reason is known, and a row of the table."""
    model, peer = loaded.model, PEERS[method]
    model.load_state_dict(state)
    before = deepcopy(model)
    people = synthesize(6, 1, 1, 7, image_size=64, test_image_size=64, test_views=1, ratios=(RATIO,))
    seen: list[Seen] = []
    settings = {**COMMON, **peer.ours, "passes": 2.0}
    with recorded(method, seen, model), suppress(SeenError):
        unlearn(method, loaded, people, people.splits[RATIO], "text", settings, seed=0)
    ours = seen[0]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in ours.learned)
    theirs = peer_loss(folder, method, ours, model, before)
    gradient = gradient_of(theirs, model)
    its_loss = float(theirs.detach())
    loss_gap = abs(its_loss - ours.loss) / abs(ours.loss)
    gradient_gap = float((gradient - ours.gradient).norm() / ours.gradient.norm())
    is_equal = max(loss_gap, gradient_gap) < TOLERANCE
    verdict = "equal" if is_equal else peer.reason or "DIFFERENT"
    numbers = f"{ours.loss:.6f} | {its_loss:.6f} | {gradient_gap:.1e}"
    return is_equal or bool(peer.reason), f"| {method} | {peer.trainer} | {numbers} | {verdict} |"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clone", type=Path, help="folder of a clone of open-unlearning")
    arguments = parser.parse_args()
    prepare_libraries()
    loaded = load_model("tiny", "cpu")
    state = deepcopy(loaded.model.state_dict())
    print("| ours | open-unlearning | our loss | its loss | gradients differ by | verdict |")
    print("|---|---|---|---|---|---|")
    fine = True
    for method in PEERS:
        is_fine, row = compare(arguments.clone, method, loaded, state)
        print(row, flush=True)
        fine &= is_fine
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
