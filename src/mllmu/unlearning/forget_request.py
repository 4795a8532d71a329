"""What is to be forgotten and what retained, as questions; no model is needed to look at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllmu.benchmark.types import Benchmark, Split
    from mllmu.training import Sample, TrainingModality


@dataclass(frozen=True)
class ForgetRequest:
    """A request to forget.

    Attributes:
        forget: questions and answers to forget.
        retain: questions and answers to retain, if need be about people to forget; methods that need none
            ignore it.
        seed: fixes every draw.
        forget_names: names of the people to forget, of those who have one.
        make_both_forms: makes the questions to forget and to retain, each with the face and by name, whatever
            the modality; None where `forget` and `retain` are all there is.
    """

    forget: Sequence[Sample]
    retain: Sequence[Sample]
    seed: int
    forget_names: Sequence[str] = ()
    make_both_forms: Callable[[], tuple[Sequence[Sample], Sequence[Sample]]] | None = field(
        default=None, repr=False
    )

    def both_forms(self) -> tuple[Sequence[Sample], Sequence[Sample]]:
        """The questions to forget and to retain with the face and by name, whatever the modality.

        Raises:
            UserError: if somebody has no name.
        """
        return (self.forget, self.retain) if self.make_both_forms is None else self.make_both_forms()

    @property
    def samples_of_a_pass(self) -> int:
        """Training questions about the people to forget, each counted once if it is there in both forms."""
        shown = sum(sample.image is not None for sample in self.forget)
        return max(shown, len(self.forget) - shown)


def make_forget_request(
    benchmark: Benchmark, split: Split, modality: TrainingModality, seed: int
) -> ForgetRequest:
    """The request that a split of a benchmark makes.

    Args:
        benchmark: where the people are.
        split: whom to forget, or what of them, and whom to retain.
        modality: how both are asked about: "image_text", "text" or "both".
        seed: fixes every draw.

    Raises:
        UserError: if an id is unknown, or the benchmark lacks what the modality takes.
    """
    from mllmu.training import forget_samples, retain_samples

    return ForgetRequest(
        forget_samples(benchmark, split, modality),
        retain_samples(benchmark, split, modality),
        seed,
        [name for one in split.forget if (name := benchmark.profiles[one].name)],
        lambda: (forget_samples(benchmark, split, "both"), retain_samples(benchmark, split, "both")),
    )
