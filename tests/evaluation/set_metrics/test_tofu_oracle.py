"""Forget quality and the parts of model utility against the logs the TOFU authors published (MIT licence)."""

import json

import numpy as np
import pytest
from scipy.stats import hmean, ks_2samp

from mllmu.evaluation import METRICS, Models, question_values
from mllmu.evaluation.scoring.resampling import estimate
from mllmu.evaluation.set_metrics.forget_quality import FORGET_QUALITY
from mllmu.evaluation.set_metrics.model_utility import MODEL_UTILITY
from mllmu.evaluation.set_metrics.set_metric import Asked
from tests.evaluation.metrics.test_oracle import SHARED
from tests.evaluation.rows import frame

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the logs are not beside the project")
FULL, RETAINED = "ft_epoch5_lr2e-05_phi_full_wd0.01", "ft_epoch5_lr2e-05_phi_retain90_wd0.01"


def log(model, name):
    return json.loads((SHARED / model / name).read_text(encoding="utf-8"))


def records(entries, eval_set):
    """A log gives mean losses; a single token of that log-probability has the same mean."""
    return [
        {
            "profile_id": str(int(key) // 20),  # TOFU asks twenty questions about each author
            "question_id": key,
            "eval_set": eval_set,
            "protocol": "official",
            "answer": texts[2],
            "response": texts[1],
            "answer_log_probs": [-entries["avg_gt_loss"][key]],
            "paraphrase_log_probs": [-entries["avg_paraphrased_loss"][key]],
            "wrong_log_probs": [[-loss] for loss in entries["average_perturb_loss"][key]],
        }
        for key, texts in entries["generated_text"].items()
    ]


def asked_by(rows, metrics):
    """A model's records with the values of some metrics alone, as all of them take long."""
    return Asked(rows, question_values(rows, metrics))


@pytest.mark.parametrize("order", ["as published", "reversed"])
def test_forget_quality_is_that_of_the_published_truth_ratios(order):
    """To the last digit, as it depends on their order alone; whichever order the answers are stored in."""
    full, retained = log(FULL, "eval_log_forget.json"), log(RETAINED, "eval_log_forget.json")
    expected = ks_2samp(list(full["truth_ratio"].values()), list(retained["truth_ratio"].values())).pvalue
    others = records(retained, "forget")
    reference = frame(*(others if order == "as published" else others[::-1]))
    asked = (asked_by(frame(*records(full, "forget")), []), asked_by(reference, []))
    (sample,) = FORGET_QUALITY.samples(Models(*asked))
    assert len(sample.people) == 300
    assert FORGET_QUALITY.statistic(*sample.columns) == expected
    assert expected < 1e-10  # this model never forgot anything


def test_model_utility_is_the_harmonic_mean_of_the_published_parts():
    """Of the published authors and the real ones, which stand for retain and celebrity here."""
    kept, real = log(FULL, "eval_log.json"), log(FULL, "eval_real_author_wo_options.json")
    parts = []
    for entries in (kept, real):
        losses = np.array(list(entries["avg_gt_loss"].values()))
        ratios = np.array(list(entries["truth_ratio"].values()))
        parts.append(np.exp(-losses).mean())
        parts.append(np.mean(list(entries["rougeL_recall"].values())))
        parts.append(np.maximum(0, 1 - ratios).mean())
    others = [{**one, "profile_id": f"real-{one['question_id']}"} for one in records(real, "celebrity")]
    names = ["answer_probability", "rougeL_recall", "truth_ratio"]
    asked = asked_by(frame(*records(kept, "retain"), *others), [METRICS.get(name) for name in names])
    whole = {sample.modality: sample for sample in MODEL_UTILITY.samples(Models(asked))}["all"]
    assert MODEL_UTILITY.statistic(*whole.columns) == pytest.approx(hmean(parts), rel=1e-6)
    one = estimate(MODEL_UTILITY.statistic, whole.columns, whole.people, whole.groups, seed=0, draws=50)
    assert one.low < one.value < one.high
