"""Protects: lmms-eval is called with what was asked for, and nothing that it would read as something else."""

import sys
from pathlib import Path

import pytest

from mllmu.bridges.lmms_eval.utility_command_line import UtilityWish, utility_command_line
from mllmu.errors import UserError

OUT = Path("out")


def test_everything_is_said():
    wish = UtilityWish("models/npo", "mme, mmmu_val,mme", 20, 4, "cuda:1", 7, Path("own"))
    assert utility_command_line(wish, OUT) == [
        *(sys.executable, "-m", "lmms_eval", "--model", "mllmu"),
        *("--model_args", "pretrained=models/npo", "--tasks", "mme,mmmu_val", "--batch_size", "4"),
        *("--device", "cuda:1", "--seed", "7", "--limit", "20", "--include_path", "own"),
        *("--output_path", str(OUT / "lmms_eval"), "--log_samples"),
    ]


@pytest.mark.parametrize(("model", "said"), [("007", "./007"), ("1e3", "./1e3"), ("models/7", "models/7")])
def test_a_folder_called_like_a_number_stays_a_folder(model, said):
    """lmms-eval makes numbers of settings that look like some."""
    words = utility_command_line(UtilityWish(model, "mme"), Path("out"))
    assert f"pretrained={said}" in words


def test_what_is_left_out_is_left_to_the_engine():
    words = utility_command_line(UtilityWish("tiny", "mme"), OUT)
    assert words[words.index("--batch_size") + 1] == "auto" and "--limit" not in words


@pytest.mark.parametrize(
    ("wish", "fault"),
    [
        (UtilityWish("tiny", " , "), "No task is named"),
        (UtilityWish("tiny", "mme,--model"), "'--model' is no task"),
        (UtilityWish("tiny", "mme;ls"), "'mme;ls' is no task"),
        (UtilityWish("a,device=cpu", "mme"), "separates settings by commas"),
        (UtilityWish("tiny", "mme", seed=-1), "The seed is -1"),
    ],
)
def test_what_it_would_misread_is_refused(wish, fault):
    with pytest.raises(UserError, match=fault):
        utility_command_line(wish, OUT)
