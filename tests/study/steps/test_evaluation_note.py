"""Protects: what was asked, and how, goes with the scores, and tells scores of other weights apart."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from mllmu.errors import UserError
from mllmu.report.provenance import read_provenance
from mllmu.study.steps.evaluation_note import (
    require_evaluated,
    warn_of_other_precision,
    weights_of,
    write_evaluation_note,
)
from mllmu.unlearning.lineage import VANILLA_LINEAGE

NPO = VANILLA_LINEAGE.unlearned("npo", "both")
GA = VANILLA_LINEAGE.unlearned("ga", "both")


def noted(folder: Path, **facts: object) -> Path:
    note = {"precision": "float32", "lineage": NPO.columns, "model_seed": 3, "weights": ""}
    write_evaluation_note(folder, "npo-both-forget5-seed3", {**note, **facts})
    return folder


def test_scores_of_other_weights_are_refused(random_model_folder: Path, tmp_path: Path) -> None:
    """Those of other models, of servers, and of before there were notes are not about these weights."""
    other = noted(tmp_path / "other", weights="0" * 64)
    with pytest.raises(UserError, match=r"are of other weights than .* holds now"):
        require_evaluated(other, NPO, 3, random_model_folder)
    require_evaluated(other, GA, 3, random_model_folder)
    require_evaluated(other, NPO, 4, random_model_folder)
    require_evaluated(tmp_path, NPO, 3, random_model_folder)
    require_evaluated(noted(tmp_path / "served"), NPO, 3, random_model_folder)
    same = noted(tmp_path / "same", weights=weights_of(str(random_model_folder)))
    require_evaluated(same, NPO, 3, random_model_folder)
    assert weights_of("http://localhost:1/v1") == ""


@pytest.mark.parametrize("text", ["[]", "{", '{"weights": 1, "weights": 2}'])
def test_a_damaged_note_is_a_sentence(text: str, tmp_path: Path) -> None:
    noted(tmp_path)
    (tmp_path / "evaluations" / "npo-both-forget5-seed3.json").write_text(text)
    with pytest.raises(UserError, match="expected what mllmu wrote"):
        require_evaluated(tmp_path, NPO, 3, tmp_path)


@pytest.mark.parametrize(
    ("precision", "warned"), [("float32", 0), ("bfloat16", 1), ("", 0)], ids=["same", "other", "served"]
)
def test_a_reference_in_another_precision_is_told(
    precision: str, warned: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reference = noted(tmp_path, precision=precision)
    with caplog.at_level(logging.WARNING, "mllmu.study.steps.evaluation_note"):
        warn_of_other_precision({"precision": "float32"}, [reference, tmp_path / "without a note"])
    assert len(caplog.records) == warned
    assert not warned or "bfloat16, this one in float32" in caplog.text


def test_the_report_says_in_what_was_asked(tmp_path: Path) -> None:
    """By stages and by single evaluations alike; a server does not say."""
    stage = tmp_path / "stages" / "0123"
    stage.mkdir(parents=True)
    manifest = {"kind": "asking", "ingredients": {"precision": "bfloat16"}}
    (stage / "manifest.json").write_text(json.dumps(manifest))
    noted(tmp_path)
    write_evaluation_note(tmp_path, "served", {"precision": ""})
    assert read_provenance(tmp_path).precisions == ("bfloat16", "float32")
