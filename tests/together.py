"""Starting processes that work together, as torchrun does it, on the CPU."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
from contextlib import redirect_stdout
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

_SLOW_IMPORTS = [
    "mllmu.study",
    "mllmu.study.steps.run_recipe",
    "transformers.trainer",
    "peft",
]


def prepared() -> ForkServerContext:
    """Starts processes as "spawn" does, but as copies of one that has imported what takes seconds.

    That one has done nothing else; it has the environment of when the first was started.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_SLOW_IMPORTS)
    return context


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def run_together(code: str, count: int = 2) -> list[str]:
    """What so many processes print that run the same Python code; all have to end well."""
    common = {
        "WORLD_SIZE": str(count),
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": str(free_port()),
        "ACCELERATE_USE_CPU": "true",
        "OMP_NUM_THREADS": "1",
    }
    with TemporaryDirectory() as folder:
        outputs = [Path(folder) / str(rank) for rank in range(count)]
        started = []
        for rank, output in enumerate(outputs):
            environment = common | {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            started.append(
                prepared().Process(target=_take_part, args=(code, environment, output), daemon=True)
            )
            started[-1].start()
        for process in started:
            process.join(timeout=300)
        assert [process.exitcode for process in started] == [0] * count
        return [output.read_text(encoding="utf-8") for output in outputs]


def _take_part(code: str, environment: dict[str, str], output: Path) -> None:
    """What one of several processes does."""
    os.environ.update(environment)
    with output.open("w", encoding="utf-8") as file, redirect_stdout(file):
        exec(code, {})


def torchrun(folder: Path, *arguments: object, module: str = "mllmu") -> tuple[int, str, str]:
    """Two processes of ``python -m module`` in a folder: the exit code, and what was printed where."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    command += [f"--master-port={free_port()}", "-m", module, *map(str, arguments)]
    source = Path(__file__).parents[1]
    path = os.pathsep.join([str(source / "src"), str(source), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout, done.stderr
