"""Print what each method of a run costs, as the table of docs/results.md.

    python scripts/method_costs.py runs/all-methods

Time of unlearning, of which the looks at the trajectory are a part; weights that moved, in per cent of
all; and how long all questions took, as a multiple of what they took the vanilla model.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from mllmu.report.names import method_order, method_title
from mllmu.report.provenance import duration

Manifest = Mapping[str, Any]


def manifests(run: Path) -> list[tuple[Path, Manifest]]:
    """The folder and the manifest of every stage of a run."""
    files = sorted(run.glob("stages/*/manifest.json"))
    return [(file.parent, json.loads(file.read_text(encoding="utf-8"))) for file in files]


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


def costs(run: Path) -> Iterator[tuple[str, str, str, str]]:
    """Method, time of unlearning, weights that moved and asking as a multiple of vanilla's, in order."""
    stages = manifests(run)
    folders = {str(each["facts"].get("fingerprint")): folder for folder, each in stages}
    asking = {each["ingredients"]["model"]: each["seconds"] for _, each in of_kind(stages, "asking")}
    unlearned = of_kind(stages, "unlearning")
    for folder, each in sorted(unlearned, key=lambda one: method_order(one[1]["ingredients"]["method"])):
        made_of = each["ingredients"]["parent"]
        model, parent = folder / "model", folders[made_of] / "model"
        has_weights = (model / "model.safetensors").is_file()
        moved = f"{share_of_moved_weights(model, parent):.1f}" if has_weights else "–"
        own, vanilla = asking.get(each["facts"]["fingerprint"]), asking.get(made_of)
        ratio = f"{own / vanilla:.2f}" if own and vanilla else "–"
        yield method_title(each["ingredients"]["method"]), duration(each["seconds"]), moved, ratio


def of_kind(stages: list[tuple[Path, Manifest]], kind: str) -> list[tuple[Path, Manifest]]:
    """The stages of one kind."""
    return [(folder, each) for folder, each in stages if each["kind"] == kind]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print what each method of a run costs.")
    parser.add_argument("run", type=Path, help="a finished run's folder, unlearned on one modality")
    run: Path = parser.parse_args().run
    print("| method | unlearning | weights that moved, % | asking, times vanilla |")
    print("| --- | ---: | ---: | ---: |")
    for row in costs(run):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
