"""How much the weights of each part of a model matter for what is to be kept (arXiv 2502.11051)."""

from __future__ import annotations

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
    loaded = job.loaded
    how = (loaded.encoder.pad_id, batch_size, precision, job.progress)
    questions = kept_questions(job)
    saliency = squared_gradient_means(learner, SampleDataset(loaded, questions), *how)
    shown = [sample for sample in job.both_forms()[1] if sample.image is not None]
    seeing = saliency.keys() & _seeing(loaded.model, learner)
    if shown and seeing:
        by_sight = squared_gradient_means(learner, SampleDataset(loaded, shown), *how)
        saliency |= {name: by_sight[name] for name in seeing}
    return saliency


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
