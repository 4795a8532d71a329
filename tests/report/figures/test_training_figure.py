"""Protects the figure of a training: what is drawn where, and how much of it."""

from __future__ import annotations

import pandas as pd

from mllmu.report.figures.training_figure import training_figure


def test_losses_rate_and_gradient_have_panels_of_their_own() -> None:
    """Steps that did not tell a part leave it out; all others are there."""
    log = pd.DataFrame(
        {
            "model": "scrub",
            "training": "",
            "step": [1, 2, 3],
            "passes": [0.5, 1.0, 1.5],
            "loss": [3.0, 2.0, 1.0],
            "forget_loss": [3.0, None, 1.0],
            "learning_rate": [0.1, 0.2, 0.1],
            "gradient_norm": [5.0, 6.0, 7.0],
        }
    )
    drawn = {line.name: (line.xaxis, list(line.x), list(line.y)) for line in training_figure(log).data}
    assert drawn == {
        "loss": ("x", [0.5, 1.0, 1.5], [3.0, 2.0, 1.0]),
        "forget loss": ("x", [0.5, 1.5], [3.0, 1.0]),
        "learning rate": ("x2", [0.5, 1.0, 1.5], [0.1, 0.2, 0.1]),
        "gradient norm": ("x3", [0.5, 1.0, 1.5], [5.0, 6.0, 7.0]),
    }


def test_a_long_training_is_drawn_by_means_of_neighbours() -> None:
    """301 steps in groups of three: the page stays small. The first mean is that of 1, 2 and 3."""
    steps = list(range(1, 302))
    log = pd.DataFrame(
        {"step": steps, "passes": steps, "loss": steps, "learning_rate": 1e-5, "gradient_norm": 1.0}
    )
    loss = training_figure(log).data[0]
    assert len(loss.y) == 101
    assert loss.y[:2] == (2, 5)
