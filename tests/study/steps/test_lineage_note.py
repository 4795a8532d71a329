"""Protects: the note in a model's folder, which may come from anywhere, names files and places none."""

import json

import pytest

from mllmu.errors import UserError
from mllmu.study.steps.lineage_note import read_subject, write_subject
from mllmu.study.subject import Subject

NOTE = "mllmu_subject.json"


def test_a_note_is_read_as_it_was_written(tmp_path):
    subject = Subject("unlearned", 3, "grad_diff", "image_text")
    write_subject(subject, tmp_path)
    assert read_subject(str(tmp_path)) == subject


def test_a_model_made_elsewhere_is_named_like_its_folder():
    assert read_subject("somebody/their-model") == Subject("unlearned", 0, "their-model")


@pytest.mark.parametrize(
    "damage",
    [
        {"method": "../../elsewhere"},
        {"unlearn_modality": "a/b"},
        {"method": 3},
        {"seed": "0/../../x"},
        {"seed": True},
        {"model": "base"},
        {"more": 1},
    ],
)
def test_a_note_that_is_none_is_refused(tmp_path, damage):
    note = {"model": "unlearned", "seed": 0, "method": "npo", "unlearn_modality": "both"} | damage
    (tmp_path / NOTE).write_text(json.dumps(note), encoding="utf-8")
    with pytest.raises(UserError, match=NOTE):
        read_subject(str(tmp_path))
