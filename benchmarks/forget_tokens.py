"""What becomes of a model when all of an answer is unlearned, what is new in it, or its value alone.

    python benchmarks/forget_tokens.py --out runs/forget_tokens
    python benchmarks/forget_tokens.py --out runs/all --preset all-methods --set 'seeds=[0]' --modality both

Every method that trains on forget answers unlearns on faces, on names and on both, with each choice of
``forget_tokens``; vanilla and retrained are the same for all. Prints what is left of the people to forget and
of those to keep, and how likely the tokens of the taught answers are that repeat the question, state the
fact, or do neither.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pandas as pd

from mllmu.cli.console import errors, prepare_libraries
from mllmu.evaluation.view import USUAL_VIEWS
from mllmu.study import make_display, make_recipe, run
from mllmu.unlearning import METHODS, TrainedMethod
from mllmu.unlearning.forget_tokens import ForgetTokens

CHOICES: tuple[str, ...] = get_args(ForgetTokens)
ACCURACIES = ("option_likelihood_accuracy", "cloze_contains", "generation_contains")
TOKENS = ("echo_log_prob", "template_log_prob", "value_log_prob")
MODALITIES = ("image_text", "text", "both")
SETS = ("forget", "test", "retain", "celebrity")
FORMS = {"image_text": "by face", "text": "by name"}


def run_all(
    preset: str,
    assignments: Sequence[str],
    modalities: Sequence[str],
    out: Path,
    device: str,
    workers: int,
) -> dict[str, pd.DataFrame]:
    """The results for each choice; what does not depend on the choice is made once.

    Args:
        preset: whose people, teaching and settings.
        assignments: single settings that differ, as of ``mllmu run --set``.
        modalities: what is unlearned on.
        out: a folder; one run for each choice lies in it, and running again goes on.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        workers: how many stages are made at once.
    """
    results = {}
    for choice in CHOICES:
        recipe = make_recipe(preset, None, assignments)
        methods = {
            name: {**settings, "forget_tokens": choice}
            for name, settings in recipe.methods.items()
            if issubclass(METHODS.get(name), TrainedMethod) and _chooses(METHODS.get(name))
        }
        wanted = recipe.model_copy(update={"methods": methods, "modalities": modalities, "trajectory": None})
        folder = out / choice
        if results and not (folder / "stages").is_dir():
            shutil.copytree(out / CHOICES[0] / "stages", folder / "stages", copy_function=os.link)
        results[choice] = run(wanted, folder, device, make_display(errors), workers).results
    return results


def _chooses(method: type[TrainedMethod]) -> bool:
    """Whether a method reads of forget answers what it is told to; others take no choice."""
    return method.settings_type.model_fields["forget_tokens"].annotation == ForgetTokens


def rows(results: pd.DataFrame, eval_set: str, metrics: Sequence[str], digits: int) -> Iterator[list[str]]:
    """One row per model: its name, and its scores by face and by name with 95 % intervals."""
    chosen = results[(results["eval_set"] == eval_set) & results["metric"].isin(metrics)]
    for (model, method, modality), part in chosen.groupby(["model", "method", "unlearn_modality"]):
        name = f"{method} on {modality}" if method else model
        cells = []
        for asked in FORMS:
            of_metric = part[part["modality"] == asked].set_index("metric")
            for metric in metrics:
                if metric not in of_metric.index:
                    cells.append("–")
                    continue
                value, low, high = of_metric.loc[metric, ["value", "ci_low", "ci_high"]]
                cells.append(f"{value:.{digits}f} [{low:.{digits}f}–{high:.{digits}f}]")
        yield [name, *cells]


def table(results: dict[str, pd.DataFrame], eval_set: str, metrics: Sequence[str], digits: int) -> str:
    """All models under all choices as Markdown; those that did not unlearn stand first, once."""
    heads = [f"{metric} {form}" for form in FORMS.values() for metric in metrics]
    lines = [["model", "forget_tokens", *heads], ["---"] * (len(heads) + 2)]
    for choice, frame in results.items():
        for name, *cells in rows(frame, eval_set, metrics, digits):
            is_reference = " on " not in name
            if not is_reference or choice == CHOICES[0]:
                lines.append([name, "–" if is_reference else choice, *cells])
    ordered = lines[:2] + sorted(lines[2:], key=_order)
    return "\n".join(f"| {' | '.join(line)} |" for line in ordered)


def in_short(results: dict[str, pd.DataFrame]) -> str:
    """Means over tasks as Markdown, for every model that unlearned, and over all models.

    People to forget stand apart by how they are asked for, and other sets are means over both ways. Tokens
    are those of answers to questions by name, as others have no name to repeat.
    """
    model = ["method", "unlearn_modality"]
    numbers = []
    for choice, frame in results.items():
        unlearned = frame[(frame["model"] == "unlearned") & frame["view"].isin(USUAL_VIEWS)]
        asked = unlearned[unlearned["metric"].isin(ACCURACIES)]
        forgotten = asked[asked["eval_set"] == SETS[0]]
        named = unlearned[(unlearned["eval_set"] == "trained") & (unlearned["modality"] == "text")]
        taught = named[named["metric"].isin(TOKENS)]
        by_door = forgotten.assign(door=SETS[0] + " " + forgotten["modality"].map(FORMS))
        for part, name in ((by_door, "door"), (asked, "eval_set"), (taught, "metric")):
            means = part.groupby([*model, name])["value"].mean().unstack()
            numbers.append(means.rename(columns=lambda one, choice=choice: (one, choice)))
    each = pd.concat(numbers, axis=1).sort_index()
    each.index = each.index.map(" on ".join)
    each.loc[f"mean of {len(each)}"] = each.apply(pd.Series.mean)

    def cell(row: pd.Series, name: str) -> str:
        return " / ".join(f"{row[name, choice]:.{1 if name in TOKENS else 0}f}" for choice in CHOICES)

    names = (*(f"{SETS[0]} {form}" for form in FORMS.values()), *SETS[1:], *TOKENS)
    lines = [["model", *(f"{name}: {' / '.join(CHOICES)}" for name in names)], ["---"] * (len(names) + 1)]
    lines += [[title, *(cell(row, name) for name in names)] for title, row in each.iterrows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _order(line: Sequence[str]) -> tuple[bool, str, int]:
    """Models that did not unlearn first, then every model under all choices."""
    model, choice, *_ = line
    return choice in CHOICES, model, CHOICES.index(choice) if choice in CHOICES else 0


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--preset", default="quick", help="whose people, teaching and settings")
    parser.add_argument("--set", action="append", default=[], dest="assignments", metavar="KEY=VALUE")
    parser.add_argument("--modality", action="append", choices=MODALITIES, help="repeatable; all by default")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=1, help="how many stages are made at once")
    arguments = parser.parse_args()
    prepare_libraries()
    modalities = arguments.modality or MODALITIES
    how = (arguments.out, arguments.device, arguments.workers)
    results = run_all(arguments.preset, arguments.assignments, modalities, *how)
    print(f"\n## In short: means over tasks\n\n{in_short(results)}")
    for eval_set in SETS:
        print(f"\n## {eval_set}: right answers in per cent\n\n{table(results, eval_set, ACCURACIES, 0)}")
    for eval_set in ("trained", "retain"):
        print(f"\n## {eval_set}: log-probability of tokens in nats\n\n{table(results, eval_set, TOKENS, 2)}")


if __name__ == "__main__":
    main()
