"""Protects: the short table of the benchmark counts both ways of asking, and tells them apart."""

from __future__ import annotations

import pandas as pd
from benchmarks.forget_tokens import ACCURACIES, CHOICES, SETS, TOKENS, in_short


def results(by_face: float, by_name: float) -> pd.DataFrame:
    """A model that answers so many questions in each way, by whatever task; its tokens likewise, in nats."""
    rows = [
        (eval_set, modality, metric, view, value)
        for eval_set, metrics in [*((one, ACCURACIES) for one in SETS), ("trained", TOKENS)]
        for modality, view, value in (
            ("image_text", "test" if eval_set == "test" else "original", by_face),
            ("image_text", "blurred", 99.0),
            ("text", "", by_name),
        )
        for metric in metrics
    ]
    table = pd.DataFrame(rows, columns=["eval_set", "modality", "metric", "view", "value"])
    return table.assign(model="unlearned", method="npo", unlearn_modality="text")


def test_faces_and_names_count_and_other_views_do_not() -> None:
    """40 by face and 20 by name are 30 on average; tokens count by name."""
    given = dict(zip(CHOICES, [(40, 20), (30, 10), (20, 10)], strict=True))
    head, _, model, mean = in_short({choice: results(*each) for choice, each in given.items()}).splitlines()
    expected = {
        "model": "npo on text",
        "forget by face": "40 / 30 / 20",
        "forget by name": "20 / 10 / 10",
        **{one: "30 / 20 / 15" for one in SETS[1:]},
        **{one: "20.0 / 10.0 / 10.0" for one in TOKENS},
    }
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, model, mean)]
    names = [name.split(":")[0] for name in cells[0]]
    assert dict(zip(names, cells[1], strict=True)) == expected
    assert dict(zip(names, cells[2], strict=True)) == {**expected, "model": "mean of 1"}
