"""How much the weights of each part of a model matter for what is to be kept (arXiv 2502.11051)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mllmu.models import module_map
from mllmu.training import Precision, Sample, SampleDataset
from mllmu.unlearning.method import Job
from mllmu.unlearning.weights.saliency import Saliency, squared_gradient_means


def kept_saliency(job: Job, learner: Any, batch_size: int, precision: Precision) -> Saliency:
    """Mean squared gradients for what each part of a model is to keep.

    For the vision tower and the projector these are the retain questions with a picture, where there are any;
    for all else every question of ``kept_questions``.

    Args:
        job: what is to be forgotten and to be retained.
        learner: the model as it is to be trained; it is left in evaluation mode.
        batch_size: questions in one batch.
        precision: that of the training.
    """

    def saliency(samples: Sequence[Sample]) -> Saliency:
        items = SampleDataset(job.loaded, samples)
        pad = job.loaded.encoder.pad_id
        return squared_gradient_means(learner, items, pad, batch_size, precision, job.progress)

    return by_sight_where_seen(job, learner, saliency, kept_questions(job), job.both_forms()[1])


def by_sight_where_seen(
    job: Job,
    learner: Any,
    saliency: Callable[[Sequence[Sample]], Saliency],
    every: Sequence[Sample],
    may_show: Sequence[Sample],
) -> Saliency:
    """Saliency for every question; of the parts that see, for those questions alone that have a picture.

    Text gives these parts no gradient, so that a mean over both would be smaller the more text there is.

    Args:
        job: what is to be forgotten and to be retained.
        learner: the model as it is to be trained.
        saliency: questions -> mean squared gradients.
        every: the questions for all parts.
        may_show: questions of which those with a picture count for the vision tower and the projector.
    """
    of_all = saliency(every)
    shown = [sample for sample in may_show if sample.image is not None]
    seeing = of_all.keys() & _seeing(job.loaded.model, learner)
    if shown and seeing and shown != list(every):
        by_sight = saliency(shown)
        of_all |= {name: by_sight[name] for name in seeing}
    return of_all


def kept_questions(job: Job) -> list[Sample]:
    """Retain questions with a picture and by name, and the forget people's by name if these are not to go."""
    forget, retain = job.both_forms()
    to_forget = set(map(_form, job.forget))
    return [*retain, *(each for each in forget if each.image is None and _form(each) not in to_forget)]


def _form(sample: Sample) -> tuple[str, str, str, bool]:
    return sample.profile_id, sample.question, sample.answer, sample.image is not None


def _seeing(model: Any, learner: Any) -> set[str]:
    """Names, within the learner, of the parameters of the vision tower and the projector."""
    parts = module_map(model)
    own = {
        id(p)
        for part in (parts.vision_tower, parts.projector)
        for p in model.get_submodule(part).parameters()
    }
    return {name for name, parameter in learner.named_parameters() if id(parameter) in own}
