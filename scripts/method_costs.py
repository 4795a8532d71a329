"""Print what each method of a run costs, as the table of docs/results.md.

    python scripts/method_costs.py runs/all-methods

Time of unlearning, of which the looks at the trajectory are a part; the most memory that the process held
meanwhile, in GiB; weights that moved, in per cent of all; and how long all questions took, as a multiple of
what the same questions took the retrained model. Medians over seeds and forget ratios, for each modality that
was unlearned on.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import torch
from safetensors import safe_open

from mllmu.errors import UserError
from mllmu.report.names import method_order, method_title
from mllmu.report.provenance import duration
from mllmu.report.run_folder import RECIPE_FILE, RESULTS_FILE
from mllmu.study.recipe.recipe_settings import load_recipe

HEADS = ("method", "unlearning", "memory, GiB", "weights that moved, %", "asking, times retrained")
Manifest = Mapping[str, Any]


# Two models were asked the same, in the same way, where all of these are the same.
_ASKED = ("benchmark", "device", "precision", "items", "protocol", "protocol_settings", "letters")


class Stages:
    """The stages that a run's results are of; in its folder may lie some of earlier settings, too.

    Args:
        run: a finished run's folder.

    Raises:
        UserError: if there is no report of the results that lie there.
    """

    def __init__(self, run: Path) -> None:
        files = sorted(run.glob("stages/*/manifest.json"), key=lambda file: (file.stat().st_mtime, file))
        made = {file.parent: json.loads(file.read_text(encoding="utf-8")) for file in files}
        by_name = {folder.name: each for folder, each in made.items()}
        results = run / RESULTS_FILE
        digest = sha256(results.read_bytes()).hexdigest() if results.is_file() else ""
        kept = [each["ingredients"] for each in made.values() if each["kind"] == "report"]
        reported = [each["records"] for each in kept if each["results"] == digest]
        if not reported:
            raise UserError(f"{run} holds no report of its results; expected the folder of a finished run")
        self.folders = {str(each["facts"].get("fingerprint")): folder for folder, each in made.items()}
        self.askings = defaultdict[str, list[tuple[Manifest, Manifest | None]]](list)
        """How a model of some weights was asked, and the retrained model that it was read against."""
        for scoring in (by_name[name]["ingredients"] for name in reported[-1]):
            asking = by_name[scoring["asking"]]
            self.askings[asking["ingredients"]["model"]].append((asking, by_name.get(scoring["reference"])))
        self._made = made.values()

    def unlearning(self, modality: str) -> list[Manifest]:
        """Those that unlearned on a modality; the last one where the same was made again."""
        found: dict[str, Manifest] = {}
        for each in self._made:
            is_meant = each["kind"] == "unlearning" and each["ingredients"]["modality"] == modality
            if is_meant and each["facts"]["fingerprint"] in self.askings:
                found[each["title"]] = each
        return list(found.values())

    def weights(self, fingerprint: str) -> Path:
        """The file of a model's weights."""
        return self.folders[fingerprint] / "model" / "model.safetensors"


def share_of_moved_weights(own: Path, parent: Path) -> float:
    """How many of the weights in a model's file differ from those in its parent's, in per cent.

    Weights that stand beside the parent's, as those of adapters, count as moved.
    """
    moved = total = 0
    with safe_open(parent, "pt") as before:
        names = set(before.keys())
        with safe_open(own, "pt") as after:
            for name in list(after.keys()):
                weights = after.get_tensor(name)
                total += weights.numel()
                same = name in names and torch.eq(weights, before.get_tensor(name))
                moved += weights.numel() - int(torch.as_tensor(same).sum())
    return 100 * moved / total


def costs(run: Path, modality: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Method, time and memory of unlearning, weights that moved, asking as a multiple of retrained's.

    Medians over seeds and forget ratios, in the usual order of methods.

    Args:
        run: a finished run's folder.
        modality: what was unlearned on.

    Raises:
        UserError: if it is none.
    """
    stages = Stages(run)
    seconds, memory, moved, ratios = (defaultdict[str, list[float]](list) for _ in range(4))
    for made in stages.unlearning(modality):
        method, fingerprint = made["ingredients"]["method"], made["facts"]["fingerprint"]
        seconds[method].append(made["seconds"])
        memory[method].append(made["peak_memory_mb"] / 1024)
        own = stages.weights(fingerprint)
        if own.is_file():
            moved[method].append(share_of_moved_weights(own, stages.weights(made["ingredients"]["parent"])))
        for asking, reference in stages.askings[fingerprint]:
            if reference and asked(reference) == asked(asking):
                ratios[method].append(asking["seconds"] / reference["seconds"])
    for method in sorted(seconds, key=method_order):
        share = f"{median(moved[method]):.1f}" if moved[method] else "–"
        ratio = f"{median(ratios[method]):.2f}" if ratios[method] else "–"
        held = f"{median(memory[method]):.1f}"
        yield method, duration(median(seconds[method])), held, share, ratio


def asked(asking: Manifest) -> list[object]:
    """What was asked, and how, but not of whom."""
    return [asking["ingredients"].get(name) for name in _ASKED]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print what each method of a run costs.")
    parser.add_argument("run", type=Path, help="a finished run's folder")
    run: Path = parser.parse_args().run
    try:
        for modality in load_recipe(run / RECIPE_FILE).modalities:
            rows = list(costs(run, modality))
            print(f"\nUnlearned on {modality}\n\n| {' | '.join(HEADS)} |")
            print(f"| --- |{' ---: |' * (len(HEADS) - 1)}")
            for method, *cells in rows:
                print(f"| {' | '.join((method_title(method), *cells))} |")
    except UserError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
