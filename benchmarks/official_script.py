"""Calling the official scripts through the runner, and reading what ``eval.py`` printed of each question."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNNER = Path(__file__).with_name("official_runner.py")

# The tasks in the order in which the script does them, set after set.
ORDER = (
    *(("forget", task) for task in ("cloze", "classification", "generation")),
    *(("test", task) for task in ("classification", "cloze", "generation")),
    *(("retain", task) for task in ("cloze", "classification", "generation")),
    *(("celebrity", task) for task in ("cloze", "classification", "generation")),
)
_FIRST, _LAST = "### Evaluating Forget Set ###", "Forget Set Results:"


@dataclass(frozen=True)
class Answer:
    """One question as it was put, and what was read out of the answer; no letter is an empty text."""

    eval_set: str
    task: str
    prompt: str
    answer: str


@dataclass(frozen=True)
class OfficialRun:
    """What one call of ``eval.py`` left.

    Attributes:
        folder: where its files are.
        answers: of all questions, in the order of asking.
        seconds: from the first question to the last answer, without loading libraries and weights.
    """

    folder: Path
    answers: Sequence[Answer]
    seconds: float


def run_script(script: Path, seed: int, work: Path, log: str, arguments: Sequence[str]) -> Path:
    """Run an official script in the folder `work`, and return its log.

    Raises:
        SystemExit: the script failed; the end of what it said is shown.
    """
    command = [
        sys.executable,
        str(RUNNER),
        "--seed",
        str(seed),
        "--log",
        log,
        str(script.resolve()),
        *arguments,
    ]
    done = subprocess.run(command, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stderr[-3000:]}")
    return work / log


def run_evaluation(
    script: Path, model: str, people: Path, forget: int, seed: int, work: Path, more: Sequence[str]
) -> OfficialRun:
    """Run ``eval.py`` on a model and a benchmark folder.

    Args:
        script: the user's ``eval.py``.
        model: a folder in `work`; the script wants its name to begin with "llava".
        people: the benchmark.
        forget: per cent to forget.
        seed: of `random`.
        work: where to run; its files go to ``work/official``.
        more: further arguments.
    """
    one = "train-00000-of-00001.parquet"
    arguments = {
        "model_id": model,
        "cache_path": model,
        "test_data": people / "Test_Set",
        "few_shot_data": people / "Full_Set" / one,
        "data_split_folder": people,
        "celebrity_data": people / "Retain_Set" / one,
        "output_folder": "official",
        "output_file": "official",
        "forget_ratio": forget,
    }
    said = [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    log = run_script(script, seed, work, "eval-log.jsonl", [*said, *more])
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    times = {line[1].strip(): line[0] for line in lines if line[1:]}
    return OfficialRun(work / "official", read_answers(lines), times[_LAST] - times[_FIRST])


def read_answers(lines: Sequence[Sequence[str]]) -> list[Answer]:
    """The questions among what the script printed: each prompt is followed by its answer."""
    answers: list[Answer] = []
    places = iter(ORDER)
    prompt = eval_set = task = ""
    for _, *said in lines:
        first = said[0] if said else ""
        if "Task Starts" in first:
            eval_set, task = next(places)
        elif first in ("Prompt: ", "###### Generation Prompt: ######"):
            prompt = said[1]
        elif first in ("Model Answer: ", "###### Generation ASSISTANT: ######"):
            answer = "" if task == "classification" and said[1] == "None" else said[1]
            answers.append(Answer(eval_set, task, prompt, answer))
    return answers
