"""The smallest recipe that makes a run whole, and what tests look at in runs."""

from hashlib import sha256

from mllmu.study import Display, Recipe

RATIO = 34  # of 6 people: 2 to forget, 4 to retain


def recipe(model, **changes):
    common = {"batch_size": 4, "learning_rate": 1e-3, "precision": "float32"}
    given = {
        "model": str(model),
        "synthetic": {
            "profiles": 6,
            "celebrities": 2,
            "holdout": 2,
            "image_size": 64,
            "test_image_size": 64,
            "seed": 1,
        },
        "fine_tuning": {"max_steps": 2, **common},
        "methods": {"npo": {"passes": 0.2, **common}, "prompting": {}},
        "forget_ratios": [RATIO],
    }
    return Recipe.model_validate({**given, **changes})


class Diary(Display):
    """Notes which stages were done, and which were found done."""

    def __init__(self):
        self.done, self.found, self.expected = [], [], []

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
        if path.is_file() and path.name != ".lock"
    }
