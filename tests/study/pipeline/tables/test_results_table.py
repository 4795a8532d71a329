"""Protects: results of several folders are joined only where no model is in two of them."""

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.study.pipeline.tables.results_table import join_results


def rows(**changes):
    """Two scores of one model."""
    whose = {"model": "unlearned", "method": "npo", "unlearn_modality": "both", "forget_ratio": 10}
    cell = {
        "eval_set": "forget",
        "modality": "text",
        "task": ["cloze", "generation"],
        "metric": "m",
        "view": "",
    }
    value = {"value": [1.0, 2.0], "ci_low": 0.0, "ci_high": 3.0, "n": 5, "n_people": 2}
    return pd.DataFrame(
        {
            **whose,
            "seed": 0,
            "protocol": "strict",
            "further_steps": "",
            "benchmark": "0123",
            **cell,
            **value,
            **changes,
        }
    )


@pytest.mark.parametrize("change", [{"seed": 1}, {"method": "ga"}, {"protocol": "official"}])
def test_other_models_seeds_and_protocols_are_joined(tmp_path, change):
    joined = join_results([tmp_path / "a", tmp_path / "b"], [rows(), rows(**change)])
    assert len(joined) == 4
    assert not joined.duplicated().any()


def test_one_model_twice_is_no_second_seed(tmp_path):
    """Averaged, two evaluations of one model would look like two repetitions of its training."""
    folders = [tmp_path / "first", tmp_path / "other"]
    with pytest.raises(UserError, match=r"first and .*other both hold scores of model unlearned, method npo"):
        join_results(folders, [rows(), rows(value=[5.0, 6.0])])


def test_evaluations_of_different_people_are_not_put_into_one_table(tmp_path):
    """With other seeds, so that nothing else is wrong: a table would take them for two runs of one study."""
    folders = [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(UserError, match=r"a and .*b were evaluated on different benchmarks"):
        join_results(folders, [rows(), rows(benchmark="4567", seed=1)])
