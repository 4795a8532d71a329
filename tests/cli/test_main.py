"""Protects: the command starts quickly, answers mistyped names without torch, Ctrl-C leaves no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

HEAVY = ("torch", "transformers")

REPORT_MODULES = """
import json, sys
from mllmu.cli.main import main
for arguments in {commands!r}:
    sys.argv = ["mllmu", *arguments]
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print(json.dumps([code, heavy]), file=sys.__stderr__)
"""

INTERRUPT_IMPORT = """
import sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupter())
sys.argv = ["mllmu", *{arguments!r}]
from mllmu.cli.main import main
main()
"""

STEP = ["--benchmark", "people", "--model", "tiny", "--forget", "5", "--out", "out"]


def run_python(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})


COMMANDS = [
    "run",
    "synthesize",
    "train",
    "unlearn",
    "evaluate",
    "judge",
    "report",
    "utility",
    "export",
    "push",
]
HELPS = [*[(name, "--help") for name in COMMANDS], ("--help",), ("data", "--help"), ("list", "--help")]
LISTS = ["methods", "metrics", "models", "presets", "views", "protocols", "layouts", "further-steps"]
MISTYPED = [
    ("run", "--preset", "quikc"),
    ("run", "--set", "model=tinny"),
    ("run", "--set", "views=[blur]"),
    ("evaluate", "--benchmark", "x", "--model", "tinny", "--forget", "10", "--out", "y"),
    ("run", "--set", "methods=[gradient_diff]"),
    ("unlearn", "npp", *STEP),
    ("evaluate", *STEP, "--protocol", "strickt"),
    ("evaluate", *STEP, "--record", "gradients"),
    ("utility", "tinny", "--tasks", "mme", "--out", "out"),
    ("export", "tinny", "--out", "out"),
    ("push", "model", "tinny", "--to", "owner/tiny"),
    ("push", "data", "people", "--to", "people"),
]


@pytest.mark.parametrize(
    ("commands", "code"),
    [([*HELPS, ("--version",)], 0), ([("list", name) for name in LISTS], 0), (MISTYPED, 2)],
    ids=["help", "lists", "mistyped names"],
)
def test_what_is_answered_at_once_imports_no_torch(commands: list[tuple[str, ...]], code: int) -> None:
    """One after the other in one fresh process, where what one of them imported would stay."""
    finished = run_python(REPORT_MODULES.format(commands=commands, heavy=HEAVY))
    assert finished.returncode == 0, finished.stderr
    reports = [json.loads(line) for line in finished.stderr.splitlines() if line.startswith("[")]
    assert dict(zip(commands, reports, strict=True)) == {command: [code, []] for command in commands}


def test_python_dash_m_prints_the_version() -> None:
    finished = subprocess.run([sys.executable, "-m", "mllmu", "--version"], capture_output=True, text=True)
    assert finished.stdout == f"mllmu {version('mllmu')}\n"


@pytest.mark.parametrize("module", ["typer", "mllmu.cli.commands.run_command", "mllmu.study"])
def test_interrupt_during_import_leaves_no_traceback(module: str) -> None:
    """Before the commands are imported, while they are, and while a command imports what it needs."""
    finished = run_python(INTERRUPT_IMPORT.format(module=module, arguments=("run", "--preset", "quikc")))
    assert finished.returncode == 130
    assert "Traceback" not in finished.stderr
    assert finished.stderr.startswith("mllmu: stopped")


def test_interrupt_in_a_callback_is_not_lost() -> None:
    """Python prints such an interrupt as 'Exception ignored in' and goes on."""
    finished = run_python(
        "import signal, sys, mllmu.cli.main as entry\n"
        # Of a shell that runs the tests in the background, it is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Stopped:\n"
        "    def __del__(self):\n"
        "        raise KeyboardInterrupt\n"
        "import types, time\n"
        "def app():\n"
        "    Stopped()\n"
        "    for _ in range(2000):\n"
        "        time.sleep(0.01)\n"
        "sys.modules['mllmu.cli.application'] = types.SimpleNamespace(app=app)\n"
        "entry.main()\n"
    )
    assert (finished.returncode, finished.stderr) == (130, "mllmu: stopped\n")


def test_signs_that_the_terminal_does_not_have_end_no_command() -> None:
    finished = run_python(
        "import sys, types, mllmu.cli.main as entry\n"
        "def app():\n"
        "    print('69 \\u2013 100')\n"
        "    print('69 \\u2013 100', file=sys.stderr)\n"
        "sys.modules['mllmu.cli.application'] = types.SimpleNamespace(app=app)\n"
        "entry.main()\n",
        PYTHONIOENCODING="latin-1",
    )
    assert (finished.returncode, finished.stdout) == (0, "69 ? 100\n"), finished.stderr
