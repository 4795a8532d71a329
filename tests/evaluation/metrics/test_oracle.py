"""ROUGE and truth ratio against the logs the TOFU authors published (MIT licence)."""

import json
from pathlib import Path

import pytest

from mllmu.evaluation.metrics.rouge import rouge1_recall, rougeL_recall
from mllmu.evaluation.metrics.truth_ratio import raw_truth_ratio
from tests.evaluation.rows import frame

EXCERPT = Path(__file__).parents[1] / "data" / "tofu_eval_log_excerpt.json"
SHARED = Path(__file__).parents[4] / "shared" / "data" / "tofu_eval_logs"
LOGS = sorted(SHARED.glob("*/*.json")) if SHARED.is_dir() else []


def excerpt():
    return json.loads(EXCERPT.read_text(encoding="utf-8"))["rows"]


def whole(path):
    """All rows of one published log, in the form of the excerpt."""
    log = json.loads(path.read_text(encoding="utf-8"))
    names = ("rouge1_recall", "rougeL_recall", "truth_ratio", "avg_paraphrased_loss", "average_perturb_loss")
    return [
        {"generated": texts[1], "reference": texts[2], **{name: log[name][key] for name in names}}
        for key, texts in log["generated_text"].items()
    ]


def check(rows):
    """A log gives mean losses; a single token of that log-probability has the same mean."""
    records = frame(
        *(
            {
                "protocol": "official",  # TOFU's tokenizer knows ASCII only, too
                "answer": row["reference"],
                "response": row["generated"],
                "paraphrase_log_probs": [-row["avg_paraphrased_loss"]],
                "wrong_log_probs": [[-loss] for loss in row["average_perturb_loss"]],
            }
            for row in rows
        )
    )
    assert rouge1_recall(records).tolist() == [row["rouge1_recall"] for row in rows]
    assert rougeL_recall(records).tolist() == [row["rougeL_recall"] for row in rows]
    # The log was computed in float32.
    assert raw_truth_ratio(records) == pytest.approx([row["truth_ratio"] for row in rows], rel=1e-5)


def test_excerpt_is_reproduced():
    rows = excerpt()
    assert len(rows) == 11
    assert 0 < min(row["rouge1_recall"] for row in rows) < 0.5
    check(rows)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_published_log_is_reproduced(path):
    check(whole(path))


def test_mean_loss_is_the_sum_over_tokens_divided_by_their_number():
    """The end token counts as a token, as in the log: probability is exp of minus the mean."""
    for row in excerpt():
        assert row["gt_loss"] / row["num_token_gt"] == pytest.approx(row["avg_gt_loss"], rel=1e-5)
