"""Protects what MMUnlearner keeps: which questions, and which of them for which part of a model."""

from __future__ import annotations

import torch

from mllmu.training import SampleDataset
from mllmu.unlearning import Job
from mllmu.unlearning.weights.kept_saliency import kept_questions, kept_saliency
from mllmu.unlearning.weights.saliency import squared_gradient_means
from tests.unlearning.taught_model import FORGET, RETAIN, taught_model


def test_what_is_to_be_kept() -> None:
    """Retained faces and names; and questions by name of those to forget if only their faces are to be."""
    shown = [sample for sample in FORGET if sample.image is not None]
    named = [sample for sample in FORGET if sample.image is None]
    for samples, own in ((shown, named), (named, []), (FORGET, [])):
        job = Job(samples, [], seed=0, loaded=taught_model(), make_both_forms=lambda: (FORGET, RETAIN))
        assert kept_questions(job) == [*RETAIN, *own]


def test_what_sees_keeps_pictures_and_all_else_keeps_everything() -> None:
    loaded = taught_model()
    shown = [sample for sample in RETAIN if sample.image is not None]
    saliency = kept_saliency(Job(FORGET, RETAIN, seed=0, loaded=loaded), loaded.model, 4, "float32")
    how = (loaded.encoder.pad_id, 4, "float32")
    by_sight, of_all = (
        squared_gradient_means(loaded.model, SampleDataset(loaded, samples), *how)  # type: ignore[arg-type]
        for samples in (shown, RETAIN)
    )
    for name, values in saliency.items():
        sees = "vision_tower" in name or "multi_modal_projector" in name
        torch.testing.assert_close(values, by_sight[name] if sees else of_all[name])
    assert any(not torch.equal(by_sight[name], of_all[name]) for name in saliency if "tower" in name)
