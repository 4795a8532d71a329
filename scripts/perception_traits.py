"""Print what a model sees in portraits, trait by trait, from its records.

    python scripts/perception_traits.py asked/tiny/records/tiny-forget50-seed0.parquet

Beside each accuracy stands what scores without looking: always the answer that is true of most of these
people, with options the one of those offered.
"""

from __future__ import annotations

import sys
from collections import Counter

import pandas as pd

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation import get_metric
from mllmu.evaluation.scoring.proportion import clustered_proportion

SHOWN = {"classification": "option_likelihood_accuracy", "generation": "generation_contains"}


def main() -> None:
    """Print a Markdown table of the records that are named."""
    records = pd.read_parquet(sys.argv[1])
    seen = records[records["eval_set"] == EvaluationSet.PERCEPTION.value]
    print("| trait | people | options | commonest option | free answer | commonest answer |")
    print("|---|---|---|---|---|---|")
    for trait, asked in seen.groupby("attribute", sort=False):
        cells = [score(asked[asked["task"] == task], metric) for task, metric in SHOWN.items()]
        free = Counter(asked.loc[asked["task"] == "generation", "answer"])
        often = 100 * free.most_common(1)[0][1] / free.total()
        offered = guess(asked[asked["task"] == "classification"], free)
        print(f"| {trait} | {free.total()} | {cells[0]} | {offered:.1f} % | {cells[1]} | {often:.1f} % |")


def score(asked: pd.DataFrame, metric: str) -> str:
    """An accuracy with its interval over people."""
    values = get_metric(metric).compute(asked)
    found = clustered_proportion(values, list(asked["profile_id"]))
    return f"{found.value:.1f} % ({found.low:.1f} to {found.high:.1f})"


def guess(asked: pd.DataFrame, often: Counter[str]) -> float:
    """How often the commonest of the offered answers is the true one, in per cent."""
    right = [
        max(options, key=lambda option: often[option]) == answer
        for options, answer in zip(asked["options"], asked["answer"], strict=True)
    ]
    return 100 * sum(right) / len(right)


if __name__ == "__main__":
    main()
