"""Protects: the table of costs counts weights and time as it says."""

from __future__ import annotations

import json
import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from mllmu.errors import UserError
from tests.scripts.loading import load_script

costs = load_script("method_costs")


def stage(
    run: Path, name: str, kind: str, seconds: float, weights: dict[str, torch.Tensor], **ingredients: object
) -> Path:
    """A stage's folder, which may hold a model."""
    folder = run / "stages" / name
    (folder / "model").mkdir(parents=True)
    if weights:
        save_file(weights, folder / "model" / "model.safetensors")
    facts = {"fingerprint": name} if kind in ("fine_tuning", "unlearning") else {}
    manifest = {"kind": kind, "title": f"{kind} {name}", "facts": facts, "ingredients": ingredients}
    manifest |= {"seconds": seconds, "peak_memory_mb": 1024 + 20 * seconds}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def report(run: Path, seconds: dict[str, float], letters: tuple[str, ...] = ()) -> None:
    """The last stages of a run: models are asked, which takes so long, some for letters, and read."""
    run.joinpath("results.parquet").write_bytes(b"results")
    for model, each in seconds.items():
        asked = {"items": "i", "protocol": "strict", "letters": model in letters}
        stage(run, f"ask {model}", "asking", each, {}, model=model, **asked)
        reference = "" if model == "retrained" else "ask retrained"
        stage(run, f"score {model}", "scoring", 1, {}, asking=f"ask {model}", reference=reference)
    records = [f"score {model}" for model in seconds]
    digest = sha256(b"results").hexdigest()
    stage(run, "report", "report", 1, {}, results=digest, records=records)
    stage(run, "old report", "report", 1, {}, results="of others", records=[])


def test_weights_that_differ_are_counted(tmp_path: Path) -> None:
    """One of six moved; of an adapter's two more weights all count: three of eight."""
    before = {"a": torch.zeros(4), "b": torch.zeros(2)}
    after = {"a": torch.tensor([0.0, 0.0, 1.0, 0.0]), "b": torch.zeros(2)}
    adapted = {**after, "c": torch.zeros(2)}
    parent, moved, adapter = (
        stage(tmp_path, name, "unlearning", 1, weights) / "model" / "model.safetensors"
        for name, weights in (("vanilla", before), ("npo", after), ("lumoe", adapted))
    )
    assert costs.share_of_moved_weights(moved, parent) == pytest.approx(100 / 6)
    assert costs.share_of_moved_weights(adapter, parent) == pytest.approx(300 / 8)


def test_methods_stand_in_their_usual_order_with_time_and_asking(tmp_path: Path) -> None:
    """Three seeds of NPO; asking is compared with retrained's where both were asked the same."""
    weights = {"a": torch.zeros(4)}
    stage(tmp_path, "vanilla", "fine_tuning", 400, weights)
    stage(tmp_path, "retrained", "fine_tuning", 400, weights)
    stage(tmp_path, "1", "unlearning", 0.4, {}, method="prompting", modality="both", parent="vanilla")
    npo = {"method": "npo", "modality": "both", "parent": "vanilla"}
    for name, seconds in (("2", 70), ("3", 90), ("4", 20)):
        stage(tmp_path, name, "unlearning", seconds, {"a": torch.ones(4)}, **npo)
    stage(tmp_path, "5", "unlearning", 5, {}, **{**npo, "modality": "text"})
    stage(tmp_path, "not in the results", "unlearning", 999, {}, **npo)
    times = {"vanilla": 25, "retrained": 20, "1": 30, "2": 21, "3": 23, "4": 19, "5": 40}
    report(tmp_path, times, letters=("vanilla", "5"))
    assert list(costs.costs(tmp_path, "both")) == [
        ("npo", "1 min 10 s", "2.4", "100.0", "1.05"),
        ("prompting", "0.4 s", "1.0", "–", "1.50"),
    ]
    assert list(costs.costs(tmp_path, "text")) == [("npo", "5.0 s", "1.1", "–", "–")]


def test_what_was_made_with_other_settings_does_not_count(tmp_path: Path) -> None:
    """Of two stages of one title it is that of the results, though the other was made later."""
    npo = {"method": "npo", "modality": "both", "parent": "vanilla"}
    for name, seconds, made in (("a", 70, 1_000), ("b", 20, 2_000)):
        manifest = stage(tmp_path, name, "unlearning", seconds, {}, **npo) / "manifest.json"
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(text.replace(f"unlearning {name}", "npo-both"), encoding="utf-8")
        os.utime(manifest, (made, made))
    report(tmp_path, {"a": 20})
    assert [row[:2] for row in costs.costs(tmp_path, "both")] == [("npo", "1 min 10 s")]


def test_a_folder_without_results_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(tmp_path, "a", "unlearning", 1, {})
    with pytest.raises(UserError, match="holds no report of its results"):
        list(costs.costs(tmp_path, "both"))
    monkeypatch.setattr(sys, "argv", ["method_costs.py", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        costs.main()
    assert end.value.code == 2 and "recipe.yaml cannot be read" in capsys.readouterr().err
