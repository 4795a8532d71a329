"""Protects: the table of costs counts weights and time as it says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.scripts.loading import load_script

costs = load_script("method_costs")


def stage(
    run: Path, name: str, kind: str, seconds: float, weights: dict[str, torch.Tensor], **ingredients: str
) -> Path:
    """A stage's folder, which may hold a model."""
    folder = run / "stages" / name
    (folder / "model").mkdir(parents=True)
    if weights:
        save_file(weights, folder / "model" / "model.safetensors")
    facts = {"fingerprint": name} if kind != "asking" else {}
    manifest = {"kind": kind, "title": f"{kind} {name}", "facts": facts, "ingredients": ingredients}
    manifest |= {"seconds": seconds, "peak_memory_mb": 1024 + 20 * seconds}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_weights_that_differ_are_counted(tmp_path: Path) -> None:
    """One of six moved; of an adapter's two more weights all count: three of eight."""
    before = {"a": torch.zeros(4), "b": torch.zeros(2)}
    after = {"a": torch.tensor([0.0, 0.0, 1.0, 0.0]), "b": torch.zeros(2)}
    parent = stage(tmp_path, "vanilla", "fine_tuning", 1, before) / "model"
    moved = stage(tmp_path, "npo", "unlearning", 1, after) / "model"
    adapter = stage(tmp_path, "lumoe", "unlearning", 1, {**after, "c": torch.zeros(2)}) / "model"
    assert costs.share_of_moved_weights(moved, parent) == pytest.approx(100 / 6)
    assert costs.share_of_moved_weights(adapter, parent) == pytest.approx(300 / 8)


def test_methods_stand_in_their_usual_order_with_time_and_asking(tmp_path: Path) -> None:
    weights = {"a": torch.zeros(4)}
    stage(tmp_path, "vanilla", "fine_tuning", 400, weights)
    stage(tmp_path, "1", "unlearning", 0.4, {}, method="prompting", modality="both", parent="vanilla")
    for name, seconds in (("2", 70), ("3", 90), ("4", 20)):  # three seeds
        npo = {"method": "npo", "modality": "both", "parent": "vanilla"}
        stage(tmp_path, name, "unlearning", seconds, {"a": torch.ones(4)}, **npo)
    stage(tmp_path, "5", "unlearning", 5, {}, **{**npo, "modality": "text"})
    for name, (model, seconds) in enumerate([("vanilla", 20), ("1", 30), ("2", 21)]):
        stage(tmp_path, f"ask{name}", "asking", seconds, {}, model=model)
    assert list(costs.costs(tmp_path, "both")) == [
        ("npo", "1 min 10 s", "2.4", "100.0", "1.05"),
        ("prompting", "0.4 s", "1.0", "–", "1.50"),
    ]
    assert list(costs.costs(tmp_path, "text")) == [("npo", "5.0 s", "1.1", "–", "–")]


def test_what_was_made_with_earlier_settings_does_not_count(tmp_path: Path) -> None:
    """Two stages of one title; the one that was made last lies in the folder that comes first by name."""
    stage(tmp_path, "vanilla", "fine_tuning", 400, {})
    for name, seconds, made in (("b", 70, 1_000), ("a", 20, 2_000)):
        folder = stage(
            tmp_path, name, "unlearning", seconds, {}, method="npo", modality="both", parent="vanilla"
        )
        manifest = folder / "manifest.json"
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(text.replace(f"unlearning {name}", "npo-both"), encoding="utf-8")
        os.utime(manifest, (made, made))
    assert [row[:2] for row in costs.costs(tmp_path, "both")] == [("npo", "20 s")]
