"""Print what each method of a run costs, as the table of docs/results.md.

    python scripts/method_costs.py runs/all-methods

Time of unlearning, of which the looks at the trajectory are a part; the most memory that the process held,
in GiB, which with ``--workers`` did nothing else; weights that moved, in per cent of all; and how long all
questions took, as a multiple of what they took the vanilla model. Medians over seeds, for each modality that
was unlearned on.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch
from safetensors import safe_open

from mllmu.report.names import method_order, method_title
from mllmu.report.provenance import duration
from mllmu.report.run_folder import RECIPE_FILE
from mllmu.study.recipe.recipe_settings import load_recipe

HEADS = ("method", "unlearning", "memory, GiB", "weights that moved, %", "asking, times vanilla")
Manifest = Mapping[str, Any]


def manifests(run: Path) -> list[tuple[Path, Manifest]]:
    """The folder and the manifest of every stage of a run; of those with the same title, the last made.

    A folder keeps what was made with earlier settings.
    """
    files = sorted(run.glob("stages/*/manifest.json"), key=lambda file: (file.stat().st_mtime, file))
    read = ((file.parent, json.loads(file.read_text(encoding="utf-8"))) for file in files)
    return list({each["title"]: (folder, each) for folder, each in read}.values())


def share_of_moved_weights(model: Path, parent: Path) -> float:
    """How many of the weights of a model's folder differ from those of its parent's, in per cent.

    Weights that stand beside the parent's, as those of adapters, count as moved.
    """
    moved = total = 0
    with safe_open(parent / "model.safetensors", "pt") as before:
        names = set(before.keys())
        with safe_open(model / "model.safetensors", "pt") as after:
            for name in list(after.keys()):
                weights = after.get_tensor(name)
                total += weights.numel()
                same = name in names and torch.eq(weights, before.get_tensor(name))
                moved += weights.numel() - int(torch.as_tensor(same).sum())
    return 100 * moved / total


def costs(run: Path, modality: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Method, time and memory of unlearning, weights that moved, asking as a multiple of vanilla's, in order.

    Medians over seeds.

    Args:
        run: a finished run's folder.
        modality: what was unlearned on.
    """
    stages = manifests(run)
    folders = {str(each["facts"].get("fingerprint")): folder for folder, each in stages}
    asking = {each["ingredients"]["model"]: each["seconds"] for _, each in of_kind(stages, "asking")}
    seconds, memory, moved, ratios = (defaultdict[str, list[float]](list) for _ in range(4))
    for folder, each in of_kind(stages, "unlearning"):
        if each["ingredients"]["modality"] != modality:
            continue
        method, made_of = each["ingredients"]["method"], each["ingredients"]["parent"]
        seconds[method].append(each["seconds"])
        memory[method].append(each["peak_memory_mb"] / 1024)
        model, parent = folder / "model", folders[made_of] / "model"
        if (model / "model.safetensors").is_file():
            moved[method].append(share_of_moved_weights(model, parent))
        own, vanilla = asking.get(each["facts"]["fingerprint"]), asking.get(made_of)
        if own and vanilla:
            ratios[method].append(own / vanilla)
    for method in sorted(seconds, key=method_order):
        share = f"{median(moved[method]):.1f}" if moved[method] else "–"
        ratio = f"{median(ratios[method]):.2f}" if ratios[method] else "–"
        held = f"{median(memory[method]):.1f}"
        yield method, duration(median(seconds[method])), held, share, ratio


def of_kind(stages: list[tuple[Path, Manifest]], kind: str) -> list[tuple[Path, Manifest]]:
    """The stages of one kind."""
    return [(folder, each) for folder, each in stages if each["kind"] == kind]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print what each method of a run costs.")
    parser.add_argument("run", type=Path, help="a finished run's folder")
    run: Path = parser.parse_args().run
    for modality in load_recipe(run / RECIPE_FILE).modalities:
        print(f"\nUnlearned on {modality}\n\n| {' | '.join(HEADS)} |")
        print(f"| --- |{' ---: |' * (len(HEADS) - 1)}")
        for method, *cells in costs(run, modality):
            print(f"| {' | '.join((method_title(method), *cells))} |")


if __name__ == "__main__":
    main()
