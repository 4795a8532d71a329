"""Protects the reliability benchmark: what it takes for whole, for left over, and for one polite sentence."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def folder_module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import reliability_folder

    return reliability_folder


@pytest.fixture
def run_module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import reliability_run

    return reliability_run


@pytest.fixture
def run_folder(tmp_path):
    """One stage, a page and a table."""
    stage = tmp_path / "run" / "stages" / "abc"
    stage.mkdir(parents=True)
    manifest = {"title": "make 2 people", "seconds": 1.5, "peak_memory_mb": 300, "files": {"report.html": 59}}
    (stage / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "run" / "report.html").write_text("<p>12 people</p><td>1 min 5 s</td><td>0.3 GiB</td>")
    (tmp_path / "run" / "results.parquet").write_bytes(b"PAR1")
    return tmp_path / "run"


def test_only_seconds_and_memory_may_differ(run_folder, folder_module):
    whole = folder_module.contents(run_folder)
    manifest = run_folder / "stages" / "abc" / "manifest.json"
    manifest.write_text(
        manifest.read_text().replace("1.5", "20.25").replace("300", "310").replace("59", "54")
    )
    page = run_folder / "report.html"
    page.write_text(page.read_text().replace("1 min 5 s", "42 s").replace("0.3", "0.4"))
    assert folder_module.compare(run_folder, whole).is_whole
    page.write_text(page.read_text().replace("12 people", "13 people"))
    assert folder_module.compare(run_folder, whole).differing == ("report.html",)


def test_what_is_half_there_is_told_from_what_is_left_over(run_folder, folder_module):
    whole = folder_module.contents(run_folder)
    (run_folder / "results.parquet").unlink()
    (run_folder / "stages" / ".lease-def").touch()
    (run_folder / "stages" / ".tmp-1-def").mkdir()
    (run_folder / "stages" / ".tmp-1-def" / "weights").write_text("half")
    found = folder_module.compare(run_folder, whole)
    assert found.has_no_half_file
    assert not found.is_sound
    assert found.missing == ("results.parquet",)
    (run_folder / "stages" / ".lease-def").unlink()
    (run_folder / "stages" / ".tmp-1-def" / "weights").unlink()
    (run_folder / "stages" / ".tmp-1-def").rename(run_folder / "stages" / "unfinished-def")
    found = folder_module.compare(run_folder, whole)
    assert found.is_sound
    assert found.left_over == ("stages/unfinished-def",)
    (run_folder / "stages" / "abc" / "manifest.json").write_text('{"title": "ma')
    assert not folder_module.compare(run_folder, whole).has_no_half_file
    (run_folder / "unheard-of").touch()
    assert folder_module.compare(run_folder, whole).unknown == ("unheard-of",)


def test_progress_is_no_message(run_module):
    lines = ["[1/14] make 6 people", "[1/14]   3 of 6, about 4 s left", "", "mllmu: The disk is full."]
    assert run_module.Ended(2, lines, {}).is_refused_politely
    assert not run_module.Ended(1, lines, {}).is_refused_politely
    assert not run_module.Ended(2, [*lines, "Traceback"], {}).is_refused_politely
    assert not run_module.Ended(2, lines[:3], {}).is_refused_politely


def test_every_kind_of_stage_is_known_by_its_title(run_module):
    titles = {
        "make 6 people": "people",
        "fine-tune vanilla (seed 0)": "vanilla",
        "retrain without 50 % (seed 0)": "retrained",
        "unlearn 50 % with npo on both (seed 0)": "unlearned",
        "ask vanilla-forget50-seed0": "asking",
        "score vanilla-forget50-seed0": "scoring",
        "write the report": "report",
    }
    moments = [run_module.Moment(title, is_end) for title in titles for is_end in (False, True)]
    assert [moment.kind for moment in moments if not moment.is_end] == list(titles.values())
    ended = run_module.Ended(-9, [], dict.fromkeys(moments[:-2], 1.0))
    assert run_module.kind_reached(ended, moments) == "results"
    assert run_module.kind_reached(run_module.Ended(-9, [], {}), moments) == "starting"
