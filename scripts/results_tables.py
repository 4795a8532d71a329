"""Print the tables of docs/results.md for a run.

    python scripts/results_tables.py runs/paper

What the references know, where each unlearned model ended, and unlearning on text against image + text.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from mllmu.report import read_person_scores, read_results
from mllmu.report.findings.contrasts import contrast_modalities
from mllmu.report.intervals import with_interval
from mllmu.report.names import accuracies, full_title
from mllmu.report.numbers.scores import Condition, Score, Scores
from mllmu.report.numbers.standings import accuracy, standings
from mllmu.report.provenance import read_provenance
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

SETS = ("forget", "test", "retain", "celebrity")


def row(*cells: str) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def head(*cells: str) -> str:
    """The first two lines of one."""
    return f"{row(*cells)}\n{row(*('---' for _ in cells))}"


def shown(score: Score | None) -> str:
    """A mean with its interval."""
    return with_interval(score)


def taught(scores: Scores, condition: Condition, lineage: Lineage) -> Iterable[str]:
    """Right answers of a reference in per cent, task by task, with the interval."""
    for eval_set in SETS:
        for modality in scores.modalities(condition):
            cells = []
            for metric in accuracies(condition.protocol):
                score = scores.find(lineage, condition, eval_set, modality, metric)
                cells.append("" if score is None else shown(score.scaled(metric.scale)))
            yield row(f"{condition.forget_ratio} %", lineage.model, eval_set, modality, *cells)


def ends(scores: Scores, condition: Condition) -> Iterable[str]:
    """Mean accuracy of each model on each set, those first that keep their utility and are near retrained."""
    keeps = {each.lineage: "yes" if each.keeps_utility else "no" for each in standings(scores, condition)}
    for lineage in (VANILLA_LINEAGE, RETRAINED_LINEAGE, *keeps):
        means = [shown(accuracy(scores, condition, lineage, name)) for name in SETS]
        yield row(full_title(lineage), *means, keeps.get(lineage, ""))


def doors(scores: Scores, condition: Condition) -> Iterable[str]:
    """Mean forget scores after unlearning on text and on image + text."""
    for each in contrast_modalities(scores, condition):
        yield row(
            f"{condition.forget_ratio} %",
            each.form,
            f"{each.text:.1f}",
            f"{each.image_text:.1f}",
            each.difference_text,
            each.claim or "–",
            each.verdict.value,
        )


def spent(run: Path) -> str:
    """Seconds by kind of stage, in the order of the work."""
    return ", ".join(f"{kind.title} {kind.seconds:.0f} s" for kind in read_provenance(run).kinds)


def main() -> None:
    """Print all tables of one run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="a folder that `mllmu run` made")
    run = parser.parse_args().run
    scores = Scores(read_results(run), read_person_scores(run))
    print(f"Time by kind of stage: {spent(run)}.\n")
    print(head("ratio", "model", "set", "questions", "classification", "cloze", "generation"))
    for condition in scores.conditions:
        for lineage in (VANILLA_LINEAGE, RETRAINED_LINEAGE):
            print(*taught(scores, condition, lineage), sep="\n")
    for condition in scores.conditions:
        print(f"\n**{condition.forget_ratio} %**\n\n{head('', *SETS, 'keeps')}")
        print(*ends(scores, condition), sep="\n")
    print(f"\n{head('', 'questions', 'text', 'image + text', 'difference', 'the paper', 'ours')}")
    for condition in scores.conditions:
        for line in doors(scores, condition):
            print(line)


if __name__ == "__main__":
    main()
