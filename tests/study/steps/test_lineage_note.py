"""Protects: the note in a model's folder, which may come from anywhere, names files and no folders."""

import json

import pytest

from mllmu.errors import UserError
from mllmu.study.steps.lineage_note import (
    named_lineage,
    read_lineage,
    warn_of_nothing_to_forget,
    write_lineage,
)
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage, LineageStep

NOTE = "mllmu_lineage.json"


def test_a_note_is_read_as_it_was_written(tmp_path):
    lineage = VANILLA_LINEAGE.unlearned("grad_diff", "image_text").then(LineageStep("relearn"))
    write_lineage(lineage, 3, tmp_path)
    assert read_lineage(str(tmp_path)) == named_lineage(str(tmp_path)) == (lineage, 3)


def test_a_model_made_elsewhere_is_named_like_its_folder():
    lineage, seed = named_lineage("somebody/their-model")
    assert (lineage.model, lineage.method, seed) == ("unlearned", "their-model", 0)
    assert read_lineage("somebody/their-model") == (Lineage(), 0)


@pytest.mark.parametrize("source", [".", "./", "../their-model", "below/.."])
def test_a_folder_has_its_name_whatever_it_is_called_by(source, tmp_path, monkeypatch):
    (tmp_path / "their-model" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "their-model")
    assert named_lineage(source)[0].method == "their-model"


@pytest.mark.parametrize(
    "damage",
    [
        {"variant": "../../elsewhere"},
        {"modality": "a/b"},
        {"variant": 3},
        {"kind": ""},
        {"kind": "a:b"},
        {"more": 1},
    ],
)
def test_a_step_that_is_none_is_refused(tmp_path, damage):
    step = {"kind": "unlearn", "variant": "npo", "modality": "both"} | damage
    (tmp_path / NOTE).write_text(json.dumps({"seed": 0, "steps": [step]}), encoding="utf-8")
    with pytest.raises(UserError, match=NOTE):
        read_lineage(str(tmp_path))


@pytest.mark.parametrize(
    ("source", "lineage", "warning"),
    [
        ("tiny", Lineage(), "tiny was never taught about these people"),
        ("retrained", RETRAINED_LINEAGE, "was taught about those to retain alone"),
        ("vanilla", VANILLA_LINEAGE, ""),
        ("npo", VANILLA_LINEAGE.unlearned("npo", "both"), "was made to forget people before"),
        ("somebody/their-model", Lineage(), ""),
    ],
)
def test_who_makes_a_model_forget_what_it_never_knew_is_told(source, lineage, warning, caplog):
    """A model that was taught elsewhere is nothing to warn of; whom it forgot before may be retained."""
    warn_of_nothing_to_forget(source, lineage)
    assert bool(caplog.records) == bool(warning)
    assert warning in caplog.text


def test_a_note_with_two_seeds_is_refused(tmp_path):
    (tmp_path / NOTE).write_text('{"seed": 0, "seed": 1, "steps": []}', encoding="utf-8")
    with pytest.raises(UserError, match=f"{NOTE} cannot be read: the key 'seed' stands twice"):
        read_lineage(str(tmp_path))


@pytest.mark.parametrize("note", [{"seed": "0/../../x", "steps": []}, {"seed": True, "steps": []}, {}, []])
def test_a_note_that_is_none_is_refused(tmp_path, note):
    (tmp_path / NOTE).write_text(json.dumps(note), encoding="utf-8")
    with pytest.raises(UserError, match=NOTE):
        read_lineage(str(tmp_path))


def test_a_seed_that_no_table_holds_is_refused_beforehand(tmp_path):
    """Result files have 64 bits for it: -2**63 is the least, 2**63 - 1 the largest."""
    for seed in (-(2**63), 2**63 - 1):
        (tmp_path / NOTE).write_text(json.dumps({"seed": seed, "steps": []}), encoding="utf-8")
        assert read_lineage(str(tmp_path)) == (Lineage(), seed)
    for seed in (-(2**63) - 1, 2**63):
        (tmp_path / NOTE).write_text(json.dumps({"seed": seed, "steps": []}), encoding="utf-8")
        with pytest.raises(UserError, match=rf"{NOTE} has a seed that is no whole number from"):
            read_lineage(str(tmp_path))
