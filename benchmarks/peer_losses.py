"""Our losses beside those of open-unlearning, on the same batch of the same model.

    python benchmarks/peer_losses.py path/to/open-unlearning

The folder is a clone of the repository locuslab/open-unlearning (MIT), whose own code is run. Each of our
methods unlearns names for some steps; then its loss and gradient are compared with what the peer's trainer
computes from the same weights, the weights before the first step, and the same rows. Names alone, because the
peer hands no pictures to the model. Where a difference is expected, its reason is put to the test: the peer's
loss is taken once more without it, and has to be equal then. Exit code 1 if any loss is not.
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
from types import ModuleType, SimpleNamespace
from typing import Any, Literal
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
        without: how the reason is taken away: the peer sees "answers" alone, or both learn "one" sample.
    """

    module: str
    trainer: str
    ours: Mapping[str, float] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    without: Literal["", "answers", "one"] = ""


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
        "answers",
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
        "answers",
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
        "it divides the sum over each answer by the tokens of every answer",
        "one",
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


class AnswersAlone:
    """A model that shows one row of logits for each answer token, and none for prompt and padding."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, whole: Mapping[str, Tensor] | None = None, **inputs: Tensor) -> SimpleNamespace:
        """The rows of a batch; of a ``whole`` one with a further row, for those who drop the last."""
        batch = inputs if whole is None else whole
        outputs = self.model(**batch)
        rows = outputs.logits[:, :-1][batch["labels"][:, 1:] != -100]
        if whole is not None:
            rows = torch.cat([rows, rows[-1:]])
        return SimpleNamespace(loss=outputs.loss, logits=rows[None])


def answers_alone(inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """A half of a batch for losses that take its labels apart: those of answers, behind a dropped one."""
    labels = inputs["labels"][:, 1:]
    answers = labels[labels != -100]
    return {"whole": inputs, "labels": torch.cat([answers[:1], answers])[None]}


def peer_loss(
    folder: Path, method: str, seen: Seen, model: Any, before: Any, of_answers: bool = False
) -> Tensor:
    """What the peer's trainer makes of the same step, or of its answers alone."""
    peer, step = PEERS[method], seen.step
    kind = getattr(load_peer(folder, peer.module), peer.trainer)
    trainer = kind.__new__(kind)
    asked = model
    inputs: dict[str, Any] = {"forget": peer_inputs(step.forget)}
    if of_answers and method == "undial":
        asked, inputs["forget"] = AnswersAlone(model), answers_alone(inputs["forget"])
    references = [AnswersAlone(one) if of_answers else one for one in (model, before)]
    vars(trainer).update(model=references[0], ref_model=references[1], **peer.theirs)
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
    loss: Tensor = trainer.compute_loss(asked, inputs)
    return loss


def compare(folder: Path, method: str, loaded: LoadedModel, state: Mapping[str, Tensor]) -> tuple[bool, str]:
    """Whether both are equal, if need be without what is known to differ, and a row of the table."""
    peer = PEERS[method]
    numbers, gap = measured(folder, method, loaded, state)
    is_equal, verdict = gap < TOLERANCE, "equal"
    if not is_equal and peer.without:
        _, gap = measured(folder, method, loaded, state, peer.without)
        is_equal = gap < TOLERANCE
        verdict = f"{peer.reason}; equal without that (within {gap:.1e})"
    return is_equal, f"| {method} | {peer.trainer} | {numbers} | {verdict if is_equal else 'DIFFERENT'} |"


def measured(
    folder: Path, method: str, loaded: LoadedModel, state: Mapping[str, Tensor], without: str = ""
) -> tuple[str, float]:
    """Both losses and how far the gradients differ, as cells, and the larger of the two gaps."""
    model, peer = loaded.model, PEERS[method]
    model.load_state_dict(state)
    before = deepcopy(model)
    people = synthesize(6, 1, 1, 7, image_size=64, test_image_size=64, test_views=1, ratios=(RATIO,))
    seen: list[Seen] = []
    settings = {**COMMON, **peer.ours, "passes": 2.0}
    if without == "one":
        settings["batch_size"] = 1
    with recorded(method, seen, model), suppress(SeenError):
        unlearn(method, loaded, people, people.splits[RATIO], "text", settings, seed=0)
    ours = seen[0]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in ours.learned)
    theirs = peer_loss(folder, method, ours, model, before, without == "answers")
    gradient = gradient_of(theirs, model)
    its_loss = float(theirs.detach())
    loss_gap = abs(its_loss - ours.loss) / abs(ours.loss)
    gradient_gap = float((gradient - ours.gradient).norm() / ours.gradient.norm())
    return f"{ours.loss:.6f} | {its_loss:.6f} | {gradient_gap:.1e}", max(loss_gap, gradient_gap)


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
