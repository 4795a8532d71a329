"""Runs a script of the official repository as it is, on this machine and with today's libraries.

Started by ``official_side_by_side.py`` in a process of its own. Nothing of the script is changed; what it
finds around it differs from the authors' machine in this:

- "cuda" means the CPU where there is no GPU;
- `random` and torch are seeded, since the script seeds neither;
- folders list their files in alphabetical order, which the system leaves open;
- `print` also writes to a log, one JSON list per call: the seconds since the start, then what is printed;
- ``transformers.AdamW``, dropped in transformers 5, is torch's class of that name.
"""

from __future__ import annotations

import argparse
import builtins
import importlib
import json
import os
import random
import runpy
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import torch


def main() -> None:
    """Run the script with the arguments that follow its name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        _read_cuda_as_cpu()
    _bring_back_adamw()
    _list_in_order()
    sys.argv = [str(options.script), *options.arguments]
    sys.path.insert(0, str(options.script.parent))
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    with options.log.open("w", encoding="utf-8") as log:
        _log_prints(log)
        runpy.run_path(str(options.script), run_name="__main__")


def _read_cuda_as_cpu() -> None:
    plain: Any = torch.Tensor.to

    def to(tensor: torch.Tensor, *places: Any, **named: Any) -> torch.Tensor:
        here = ["cpu" if place == "cuda" else place for place in places]
        moved: torch.Tensor = plain(
            tensor, *here, **{k: "cpu" if v == "cuda" else v for k, v in named.items()}
        )
        return moved

    torch.Tensor.to = to  # type: ignore[method-assign, assignment]


def _bring_back_adamw() -> None:
    # Importing peft puts another object in the place of transformers, which would not have the name.
    importlib.import_module("peft")
    transformers: Any = sys.modules["transformers"]
    if not hasattr(transformers, "AdamW"):
        transformers.AdamW = torch.optim.AdamW


def _list_in_order() -> None:
    plain: Any = os.listdir

    def listdir(path: Any = ".") -> list[Any]:
        return sorted(plain(path))

    os.listdir = listdir


def _log_prints(log: TextIO) -> None:
    plain: Any = builtins.print
    start = time.perf_counter()

    def logged(*values: Any, **options: Any) -> None:
        log.write(json.dumps([time.perf_counter() - start, *map(str, values)]) + "\n")
        plain(*values, **options)

    builtins.print = logged


if __name__ == "__main__":
    main()
