"""Protects benchmarks from the hub: the cache and its settings are respected, and a wrong id fails soon."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import huggingface_hub
import pytest

from mllmu.benchmark import Benchmark, load_benchmark, write_benchmark
from mllmu.errors import UserError
from tests.benchmark.released import pair, released_folder, save, taught

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def into_cache(folder: Path, cache: Path, dataset_id: str) -> None:
    """Lay a folder out as the hub's client leaves a downloaded one."""
    repository = cache / f"datasets--{dataset_id.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    shutil.copytree(folder, repository / "snapshots" / COMMIT)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that holds the benchmark and the baselines' training data."""
    into_cache(released_folder(tmp_path / "release"), tmp_path / "hub", "MLLMMU/MLLMU-Bench")
    save(tmp_path / "split", "forget_33", [taught("002", [pair("002", "Name?", "Bo.")])])
    save(tmp_path / "split", "retain_67", [taught("003", [pair("003", "Name?", "Cy.")])])
    into_cache(tmp_path / "split", tmp_path / "hub", "MLLMMU/baseline_train_split")
    return tmp_path / "hub"


def test_offline_the_cached_copies_are_read(cache: Path) -> None:
    """In a process of its own, since the client reads its settings once; 003 is taught by the second copy."""
    script = (
        "from mllmu.benchmark import load_benchmark\n"
        "benchmark = load_benchmark('MLLMMU/MLLMU-Bench')\n"
        "print(benchmark.name, *(len(one.training_questions) for one in benchmark.profiles.values()))"
    )
    settings = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache)}
    said = subprocess.run(
        [sys.executable, "-c", script], env=settings, capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == ["MLLMMU/MLLMU-Bench", "3", "1", "1"]


def bring(repository: Path, snapshot: Path, patterns: list[str]) -> None:
    """Copy the files that a pattern stands for."""
    for file in (file for file in repository.rglob("*") if file.is_file()):
        name = file.relative_to(repository)
        if any(fnmatch(str(name), pattern) for pattern in patterns):
            (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, snapshot / name)


class Hub:
    """Stands in for the hub's client: what it is asked, and what it answers.

    A download brings into `cached` what the patterns ask for of the folders in `offered`.
    """

    def __init__(self, answer: Exception | None, cached: dict[str, Path]) -> None:
        self.answer = answer
        self.cached = cached
        self.timeouts: list[float | None] = []
        self.downloads: list[str] = []
        self.offered: dict[str, Path] = {}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            huggingface_hub.HfApi, "dataset_info", lambda api, name, timeout=None: self.info(timeout)
        )
        monkeypatch.setattr(huggingface_hub, "snapshot_download", self.snapshot_download)

    def info(self, timeout: float | None) -> None:
        self.timeouts.append(timeout)
        if self.answer:
            raise self.answer

    def snapshot_download(
        self, repo_id: str, *, repo_type: str, allow_patterns: list[str], local_files_only: bool = False
    ) -> str:
        assert repo_type == "dataset"
        assert all(pattern.endswith((".parquet", "README.md")) for pattern in allow_patterns)
        if not local_files_only:
            self.downloads.append(repo_id)
            if repo_id in self.offered:
                bring(self.offered[repo_id], self.cached[repo_id], allow_patterns)
        elif repo_id not in self.cached:
            raise FileNotFoundError(repo_id)
        return str(self.cached[repo_id])


def test_only_the_benchmark_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the baselines were trained on is looked for in the cache, never fetched."""
    hub = Hub(None, {"MLLMMU/MLLMU-Bench": released_folder(tmp_path / "release")})
    hub.install(monkeypatch)
    assert load_benchmark("MLLMMU/MLLMU-Bench").name == "MLLMMU/MLLMU-Bench"
    assert hub.downloads == ["MLLMMU/MLLMU-Bench"]


def test_that_everybody_is_invented_comes_with_the_download(
    benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the card says so; else invented celebrities were called public figures."""
    invented = replace(benchmark, celebrities_are_fictitious=True)
    hub = Hub(None, {"me/people": tmp_path / "snapshot"})
    hub.offered["me/people"] = write_benchmark(invented, tmp_path / "people")
    hub.install(monkeypatch)
    assert load_benchmark("me/people").celebrities_are_fictitious


def test_what_the_hub_does_not_have_fails_after_one_bounded_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No download, whose requests have no time limit and are repeated, is begun."""
    hub = Hub(ConnectionError("no\nnetwork"), {})
    hub.install(monkeypatch)
    with pytest.raises(UserError, match=r"someone/something is no folder here.*no network"):
        load_benchmark("someone/something")
    assert hub.downloads == []
    assert [timeout is not None and timeout <= 10 for timeout in hub.timeouts] == [True]


def test_a_cached_copy_serves_while_the_hub_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(TimeoutError("silence"), {"a/b": released_folder(tmp_path / "release")})
    hub.install(monkeypatch)
    assert set(load_benchmark("a/b").profiles) == {"001", "002", "003"}
