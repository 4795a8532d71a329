"""Protects: the script of docs/data.md makes a benchmark of a table and pictures, as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from mllmu.benchmark import load_benchmark, load_benchmark_with_report
from mllmu.benchmark.types import Modality, Task
from tests.benchmark.conftest import encoded_image

DOCUMENT = Path(__file__).parents[2] / "docs" / "data.md"


def test_the_documented_script_makes_a_benchmark(tmp_path: Path) -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## From a table and pictures")[2]
    (script,) = re.findall(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    rows = [
        f"00{number},Ada {name},{name}.png,nurse,pilot|baker|cook" for number, name in enumerate("XYZ", 1)
    ]
    (tmp_path / "people.csv").write_text("\n".join(["id,name,picture,job,wrong", *rows]), encoding="utf-8")
    for number, name in enumerate("XYZ"):
        (tmp_path / f"{name}.png").write_bytes(encoded_image(40 * number, "PNG"))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    benchmark, report = load_benchmark_with_report(tmp_path / "my_people")
    assert not report.notes and done.stdout.strip() == benchmark.fingerprint
    assert benchmark.name == "my people" and not load_benchmark(tmp_path / "my_people").celebrities
    questions = benchmark.profiles["002"].questions
    assert len(questions) == len(Task) * len(Modality)
    by_name = [one for one in questions if one.modality is Modality.TEXT]
    assert all("Ada Y" in one.text for one in by_name)
    (choice,) = [one for one in by_name if one.task is Task.CLASSIFICATION]
    assert choice.options[choice.correct_option] == "nurse" == choice.answer
