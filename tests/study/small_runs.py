"""The smallest recipe that makes a run whole, and what tests look at in runs."""

import json
import shutil
from hashlib import sha256

import pandas as pd

from mllmu.evaluation.scoring.score import SCORE_COLUMNS
from mllmu.study import Display, Recipe

WRITTEN = ("results.parquet", "person_scores.parquet", "comparisons.parquet")
RATIO = 34  # of 6 people: 2 to forget, 4 to retain
COMMON = {"batch_size": 4, "learning_rate": 5e-3, "precision": "float32"}


def recipe(model, **changes):
    """Six people, taught a little, two of whom are forgotten in one pass of some thirty samples."""
    people = {"profiles": 6, "celebrities": 2, "holdout": 2, "image_size": 32, "test_image_size": 32}
    given = {
        "model": str(model),
        "synthetic": {**people, "seed": 1},
        "fine_tuning": {"max_steps": 30, **COMMON},
        "methods": {"npo": {"passes": 1, **COMMON}, "prompting": {}},
        "forget_ratios": [RATIO],
        "trajectory": {"passes": [0.25, 0.5, 1, 2], "people": 2},
    }
    return Recipe.model_validate({**given, **changes})


def brief_recipe(model):
    """The same people, who are hardly taught, and asked little: for tests of who does what."""
    return recipe(
        model,
        fine_tuning={"max_steps": 2, **COMMON},
        methods={"ga": {"passes": 0.25, **COMMON}, "prompting": {}},
        trajectory={"passes": [0.25], "people": 2},
        evaluation={"limit": 1, "letters": False},
    )


def without_statistics(monkeypatch):
    """Leave out what scoring and reporting take longest for, where a test looks at neither."""
    nothing = pd.DataFrame(columns=list(SCORE_COLUMNS))
    monkeypatch.setattr("mllmu.evaluation.scoring.model_scores.set_scores", lambda models, seed: nothing)
    without_page(monkeypatch)


def without_page(monkeypatch):
    """Leave the page of the report empty, where a test does not look at it."""
    monkeypatch.setattr("mllmu.report.write.render_page", lambda *arguments, **options: "")


class Diary(Display):
    """Notes which stages were done, which were found done, and their steps."""

    def __init__(self):
        self.done, self.found, self.expected, self.steps = [], [], [], []

    def advance(self, title, done, total):
        self.steps.append((done, total))

    def expect(self, stages):
        self.expected.append(stages)

    def end(self, title):
        self.done.append(title)

    def skip(self, title):
        self.found.append(title)


def contents(folder):
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def remove_stage(run_folder, title):
    """Take away the result of one stage of a run."""
    (manifest,) = (
        path
        for path in run_folder.glob("stages/*/manifest.json")
        if json.loads(path.read_text(encoding="utf-8"))["title"] == title
    )
    shutil.rmtree(manifest.parent)


def same_run(folder, expected):
    """Whether two folders hold the same stages, and the same bytes of results, with nothing left over."""
    names = [
        {path.name for path in each.iterdir()} | {path.name for path in (each / "stages").iterdir()}
        for each in (folder, expected)
    ]
    files = [[(each / name).read_bytes() for name in WRITTEN] for each in (folder, expected)]
    records = [contents(each / "records") for each in (folder, expected)]
    return names[0] == names[1] and files[0] == files[1] and records[0] == records[1]
