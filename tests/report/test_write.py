"""The page: complete, offline, and safe whatever the data holds."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.report import ReportPaths, write_report
from mllmu.report.provenance import duration, read_provenance
from mllmu.report.tables.paper_table import make_grids
from tests.report.conftest import lay_out_run

HOSTILE = "</script><script>alert('x')</script><img src=https://example.org/x onerror=alert(1)>"


class _Page(HTMLParser):
    """Collects what a browser would load and run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.answering: list[str] = []
        self._inside = ""
        self._class: str | None = None

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        self._class = dict(attrs).get("class")

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.text += data
        if self._class == "model" and data.strip():
            self.answering.append(data)


def _parse(path):
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@dataclasses.dataclass(frozen=True)
class Written:
    """A run's folder, its report, and the report's page as a browser reads it."""

    folder: Path
    paths: ReportPaths
    page: _Page


@pytest.fixture(scope="module")
def written(tmp_path_factory, benchmark):
    """A run of five methods, for tests that only look at its report: writing one takes seconds."""
    folder = lay_out_run(tmp_path_factory.mktemp("written") / "run", benchmark)
    (folder / "recipe.yaml").write_text("fine_tuning: {epochs: 2, rehearsal: 15}\n", encoding="utf-8")
    paths = write_report(folder, benchmark)
    return Written(folder, paths, _parse(paths.page))


@pytest.fixture
def small_run(tmp_path, benchmark):
    """A run of one method, to change before its report is written."""
    return lay_out_run(tmp_path / "run", benchmark, methods=("kl_min",))


def test_report_is_written_and_loads_nothing(written):
    """One file that opens offline: no source, link or style points outside, and the browser is told so."""
    paths, page = written.paths, written.page
    loads = [
        value for _, attrs in page.tags for name, value in attrs.items() if name in ("src", "href", "srcset")
    ]
    assert loads
    assert all(value.startswith(("data:image/jpeg;base64,", "#")) for value in loads)
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "object", "embed", "base")]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv"))
    assert "default-src 'none'" in policy
    style = re.search(r"<style>(.*?)</style>", paths.page.read_text(encoding="utf-8"), re.DOTALL)
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert paths.page.stat().st_size < 8_000_000
    tables = {"forget_10-both", "forget_10-both-metrics"}
    assert {path.stem for path in paths.tables} == tables
    assert len(paths.tables) == 2 * len(tables)
    assert not list(written.folder.glob(".tmp-*"))


def test_numbers_of_the_page_are_the_tables(written):
    """Every cell of the grid stands in the page, in order."""
    (grid,) = make_grids(pd.read_parquet(written.folder / "results.parquet"))
    text = re.sub(r"\s+", "", written.page.text.replace("▼", ""))
    for block in grid.blocks:
        for row in (*block.references, *block.methods):
            cells = "".join(f"{cell.text}{cell.interval}" for cell in row.cells)
            assert re.sub(r"\s+", "", row.title) + cells in text


def test_sample_people_show_answers_of_every_model(written):
    """Portrait, question and all seven models' answers; people are called fictitious."""
    portraits = [attrs for tag, attrs in written.page.tags if tag == "img"]
    assert len(portraits) == 2 + 1 + 2 + 2
    assert "fictitious person" in written.page.text
    for model in ("Vanilla", "Retrained", "GA", "Grad. Diff.", "KL Min.", "NPO", "Prompting"):
        # Seven people with six questions each.
        assert written.page.answering.count(model) == 7 * 6


def test_hostile_values_stay_text(small_run, benchmark):
    """Names, answers, recipes and methods come from elsewhere and must never run."""
    records = small_run / "records"
    for path in records.glob("*.parquet"):
        pd.read_parquet(path).assign(response=HOSTILE, question=HOSTILE).to_parquet(path)
    results = pd.read_parquet(small_run / "results.parquet").replace({"method": {"kl_min": HOSTILE}})
    results.to_parquet(small_run / "results.parquet")
    (small_run / "recipe.yaml").write_text(HOSTILE, encoding="utf-8")
    profiles = {key: dataclasses.replace(each, name=HOSTILE) for key, each in benchmark.profiles.items()}
    hostile = dataclasses.replace(benchmark, name=HOSTILE, profiles=profiles)
    page = _parse(write_report(small_run, hostile).page)
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 2
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert all((attrs["src"] or "").startswith("data:") for tag, attrs in page.tags if tag == "img")
    assert HOSTILE in page.text


def test_figures_of_the_page_are_json(written):
    """The page's script parses what the attribute holds."""
    tags = written.page.tags
    figures = [json.loads(attrs["data-figure"]) for _, attrs in tags if attrs.get("data-figure")]
    assert len(figures) == 2  # one way of unlearning: nothing to compare
    assert all(figure["data"] and figure["layout"] for figure in figures)


def test_models_that_gave_no_answers_are_told(small_run, benchmark):
    """Scores leave out what a server did not answer; whoever reads the report has to know."""
    assert 'class="warning"' not in write_report(small_run, benchmark).page.read_text(encoding="utf-8")
    file = min((small_run / "records").glob("*.parquet"))
    records = pd.read_parquet(file)
    records.loc[records.index[::2], "response"] = None
    records.to_parquet(file)
    page = write_report(small_run, benchmark).page.read_text(encoding="utf-8")
    warning = page.split('class="warning">')[1].split("</p>")[0]
    assert warning.startswith(f"{file.stem}: {records['response'].isna().sum()} of {len(records)} answers")


def test_report_without_records_recipe_and_stages(small_run, benchmark):
    """Results alone are enough for a report, which then says nothing of rehearsal."""
    bare = small_run / "bare"
    bare.mkdir()
    (small_run / "results.parquet").rename(bare / "results.parquet")
    page = _parse(write_report(bare, benchmark).page)
    assert "Sample people" not in page.text
    assert "Scores" in page.text
    assert "lessons about each celebrity" not in page.text


def test_same_run_same_page(small_run, benchmark):
    """A report depends on the run and not on the moment."""
    first = write_report(small_run, benchmark).page.read_bytes()
    assert write_report(small_run, benchmark).page.read_bytes() == first


def test_missing_and_damaged_results_are_sentences(tmp_path, benchmark):
    """The person is told which file is at fault."""
    with pytest.raises(UserError, match=r"results\.parquet"):
        write_report(tmp_path, benchmark)
    (tmp_path / "results.parquet").write_bytes(b"not parquet")
    with pytest.raises(UserError, match=r"results\.parquet is damaged: expected a Parquet file"):
        write_report(tmp_path, benchmark)
    pd.DataFrame({"model": ["vanilla"]}).to_parquet(tmp_path / "results.parquet")
    with pytest.raises(UserError, match=r"results\.parquet lack the column 'method'; expected model, method"):
        write_report(tmp_path, benchmark)
    assert [path.name for path in tmp_path.iterdir()] == ["results.parquet"]


def test_provenance_adds_up(written):
    """Two trainings of 61 and 59 s and 4.26 s of asking; the peak is a maximum, not a sum."""
    found = read_provenance(written.folder)
    assert [(each.title, each.count, each.time) for each in found.kinds] == [
        ("fine tuning", 2, "2 min 0 s"),
        ("asking", 1, "4.3 s"),
    ]
    assert found.total.peak_memory_mb == 3072
    assert found.versions == {"torch": "2.13.0"}


@pytest.mark.parametrize(
    ("recipe", "lessons"),
    [
        ("fine_tuning: {epochs: 2, rehearsal: 15}\n", 15),
        ("fine_tuning: {epochs: 2}\n", 0),
        ("a: [", 0),
        ("", 0),
    ],
)
def test_what_was_rehearsed_is_read_from_the_recipe(tmp_path, recipe, lessons):
    (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
    assert read_provenance(tmp_path).rehearsal == lessons


def test_a_report_says_what_was_rehearsed(written):
    """Celebrities that were taught again while the others were learned are not untouched knowledge."""
    assert "15 lessons about each celebrity" in written.page.text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.44, "0.4 s"), (59.4, "59 s"), (59.7, "1 min 0 s"), (7620, "2 h 7 min")]
)
def test_duration(seconds, words):
    """Times are read by people."""
    assert duration(seconds) == words
