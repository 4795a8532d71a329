"""Protects the comparison with the official scripts: what the runner changes around them, what is read."""

import json
import random
import subprocess
from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = """
import os, random, sys
import torch
from transformers import AdamW
print("listed", os.listdir(sys.argv[2]))
print("drawn", random.random())
print("moved", torch.zeros(1).to("cuda").device, torch.zeros(1).to(device="cuda").device)
print("optimizer", AdamW.__module__, sys.argv[1])
"""


@pytest.fixture
def script(monkeypatch):
    """The module that starts the runner, imported from where it lies."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import official_script

    return official_script


def test_a_script_finds_what_it_expects(tmp_path, script):
    """Seeded draws, files in order, a device that exists, and a name that transformers dropped."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "files").mkdir()
    for name in ("b", "a", "c"):
        (tmp_path / "files" / name).touch()
    log = script.run_script(tmp_path / "script.py", 5, tmp_path, "log.jsonl", ["--option", "files"])
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    assert [line[1:] for line in lines] == [
        ["listed", "['a', 'b', 'c']"],
        ["drawn", str(random.Random(5).random())],
        ["moved", device, device],
        ["optimizer", torch.optim.AdamW.__module__, "--option"],
    ]
    assert all(line[0] >= 0 for line in lines)


def test_a_script_that_fails_is_told(tmp_path, script, monkeypatch):
    (tmp_path / "script.py").write_text("raise ValueError('no such model')")
    failed = subprocess.CompletedProcess([], 1, stderr="ValueError: no such model")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SystemExit, match="no such model"):
        script.run_script(tmp_path / "script.py", 0, tmp_path, "log.jsonl", [])


def test_answers_are_read_from_what_the_script_prints(script):
    """Three tasks of the forget set and the first of the test set, whose order differs."""
    starts = "#### {} Task Starts ####".format
    printed = [
        [starts("Fill-in-the-blank")],
        ["Evaluating forget Mode"],
        ["Prompt: ", "In [Blank]."],
        ["Model Answer: ", "Riga"],
        ["Correct Answer: ", "Riga"],
        [starts("Classification")],
        ["Prompt: ", "Where?"],
        ["Model Answer: ", "None"],
        ["\n"],
        [],
        [starts("Generation")],
        ["###### Generation Question: ######", "Who?"],
        ["###### Generation Prompt: ######", "USER: Who?"],
        ["###### Generation ASSISTANT: ######", "None"],
        [starts("Classification")],
        ["Prompt: ", "Where from?"],
        ["Model Answer: ", "B"],
    ]
    assert script.read_answers([[0.5, *line] for line in printed]) == [
        script.Answer("forget", "cloze", "In [Blank].", "Riga"),
        script.Answer("forget", "classification", "Where?", ""),
        script.Answer("forget", "generation", "USER: Who?", "None"),
        script.Answer("test", "classification", "Where from?", "B"),
    ]
