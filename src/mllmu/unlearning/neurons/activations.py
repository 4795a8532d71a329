"""How strongly the units of chosen modules respond to samples; what pruning methods rank them by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from mllmu.errors import UserError
from mllmu.models import Encoded, LoadedModel, chat_prompt, collate
from mllmu.progress import Progress, counted
from mllmu.training import Sample, SampleDataset

Tokens = Literal["all", "answer"]


@dataclass(frozen=True)
class Activations:
    """Moments of a module's outputs over tokens, each [units], float64 on the CPU.

    Attributes:
        mean: of the values.
        mean_absolute: of their absolute values.
        mean_square: of their squares.
        tokens: how many tokens were averaged over.
    """

    mean: Tensor
    mean_absolute: Tensor
    mean_square: Tensor
    tokens: int


@torch.no_grad()
def mean_activations(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    modules: Sequence[str],
    tokens: Tokens = "all",
    batch_size: int = 8,
    progress: Progress | None = None,
) -> dict[str, Activations]:
    """Run a model on samples and average what chosen modules of its decoder put out.

    Args:
        loaded: the model; it is left in evaluation mode.
        samples: what it reads, answers included.
        modules: full names of modules whose output is [b, t, units] over the tokens of the prompt and answer.
        tokens: ``all`` that are no padding, or those that the ``answer`` consists of, its end token included.
        batch_size: samples in one forward pass; changes nothing but speed and memory.
        progress: called with the samples read and the samples there are.

    Raises:
        UserError: if there is no sample or a module does not exist.
        ValueError: if a module's output has no row per token.

    Example:
        ::

            means = mean_activations(loaded, samples, ["model.language_model.layers.0.mlp"])
            means["model.language_model.layers.0.mlp"].mean_absolute.topk(5)
    """
    present = dict(loaded.model.named_modules())
    for name in modules:
        if name not in present:
            raise UserError(f"the model has no module {name!r}; expected a name of model.named_modules()")
    watchers = {name: _Watcher(name) for name in modules}
    with ExitStack() as stack:
        for name, watcher in watchers.items():
            handle = present[name].register_forward_hook(watcher)
            stack.callback(handle.remove)
        for batch, mask in masked_batches(loaded, samples, tokens, batch_size, progress):
            for watcher in watchers.values():
                watcher.mask = mask
            loaded.model(**batch, use_cache=False)
    return {name: watcher.result() for name, watcher in watchers.items()}


@torch.no_grad()
def picture_inputs(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    modules: Sequence[str],
    batch_size: int = 8,
    progress: Progress | None = None,
) -> dict[str, Tensor]:
    """Run a model on samples and average what chosen modules of its decoder read at a picture's tokens.

    Args:
        loaded: the model; it is left in evaluation mode.
        samples: what it reads; each shows a picture.
        modules: full names of modules whose first input is [b, t, units] over tokens.
        batch_size: samples in one forward pass.
        progress: called with the samples read and the samples there are.

    Returns:
        Per module [samples, units] float32, means over the tokens that stand for features of the picture.

    Raises:
        UserError: if there is no sample, or the model's prompts have no such tokens.
    """
    poolers = {name: _Pooler() for name in modules}
    with ExitStack() as stack:
        for name, pooler in poolers.items():
            hook = loaded.model.get_submodule(name).register_forward_pre_hook(pooler)
            stack.callback(hook.remove)
        for batch, _ in masked_batches(loaded, samples, "all", batch_size, progress):
            mask = batch["input_ids"] == _feature_id(loaded, samples[0])
            if not mask.any(dim=1).all():
                raise UserError("a picture has no tokens in the model's prompts; expected at least one")
            for pooler in poolers.values():
                pooler.mask = mask
            loaded.model(**batch, use_cache=False)
    return {name: torch.cat(pooler.rows) for name, pooler in poolers.items()}


def _feature_id(loaded: LoadedModel, sample: Sample) -> int:
    """The token that stands for features of pictures; none of a prompt's own if there is no such token."""
    images = () if sample.image is None else (sample.image,)
    prompt = chat_prompt(loaded.processor, sample.question, images, loaded.system_prompt)
    feature_id = loaded.encoder.layout(prompt).feature_id
    return -1 if feature_id is None else feature_id


class _Pooler:
    """A hook before a module that averages what it reads over the tokens of a mask."""

    def __init__(self) -> None:
        self.mask = torch.empty(0, dtype=torch.bool)
        self.rows: list[Tensor] = []

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        weights = self.mask.to(inputs[0].device, torch.float32)[..., None]
        self.rows.append((inputs[0].float() * weights).sum(dim=1) / weights.sum(dim=1))


def masked_batches(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    tokens: Tokens,
    batch_size: int,
    progress: Progress | None = None,
) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    """Inputs of a model, which is put into evaluation mode, and which of their tokens [b, t] count.

    Arguments as of `mean_activations`.

    Raises:
        UserError: if there is no sample.
    """
    if not samples:
        raise UserError("activations were asked for over no samples; expected at least one")
    loaded.model.eval()
    items, pad_id = SampleDataset(loaded, samples), loaded.encoder.pad_id
    batches = batches_alike([items[index] for index in range(len(items))], batch_size)
    for rows in counted(batches, len(items), progress):
        batch = {key: value.to(loaded.device) for key, value in collate(rows, pad_id, "right").items()}
        answer_mask = batch.pop("answer_mask")
        yield batch, batch["attention_mask"].bool() if tokens == "all" else answer_mask.bool()


def batches_alike(items: Sequence[Encoded], size: int) -> Iterator[list[Encoded]]:
    """Batches of items; those that look at images by cross-attention only with others of as many images."""

    def images(item: Encoded) -> int:
        return 0 if item.cross_mask is None else item.cross_mask.shape[1]

    for count in sorted(set(map(images, items))):
        alike = [item for item in items if images(item) == count]
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


class _Watcher:
    """A forward hook that sums a module's outputs over the tokens of a mask."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mask = torch.empty(0, dtype=torch.bool)
        self._sums: Tensor | None = None
        self._count = 0

    def __call__(self, module: nn.Module, inputs: Any, output: Any) -> None:
        values = output[0] if isinstance(output, tuple) else output
        if values.ndim != 3 or values.shape[:2] != self.mask.shape:
            raise ValueError(
                f"module {self.name!r} puts out {tuple(values.shape)}; expected one row per token of "
                f"{tuple(self.mask.shape)}"
            )
        rows = values[self.mask].double()
        sums = torch.stack([rows.sum(0), rows.abs().sum(0), rows.square().sum(0)]).cpu()
        self._sums = sums if self._sums is None else self._sums + sums
        self._count += len(rows)

    def result(self) -> Activations:
        if self._sums is None:
            raise ValueError(f"module {self.name!r} took no part in the forward pass")
        mean, absolute, square = self._sums / self._count
        return Activations(mean, absolute, square, self._count)
