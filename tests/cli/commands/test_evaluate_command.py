"""Protects: `mllmu evaluate` asks a server as it asks a model in memory, and a model in memory only once."""

import json
import shutil
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.evaluation import lacks_answer, read_records
from mllmu.inference import TransformersEngine
from mllmu.inference.endpoint import EndpointEngine
from mllmu.models import load_model
from mllmu.report.names import TOKEN_METRICS
from mllmu.study.steps.evaluation_note import weights_of
from tests.inference.endpoint.local_server import completion, serving

WRITTEN = {"letter_accuracy", "letter_invalid", "cloze_contains", "rougeL_f"}
LIKELY = {"option_likelihood_accuracy", "answer_probability", "truth_ratio", "exact_memorization"}


def evaluate(*arguments, limit=1):
    """Ask a question of each kind, or so many."""
    options = ["--benchmark", "people", "--forget", "50", "--device", "cpu", "--limit", limit]
    return CliRunner().invoke(app, ["evaluate", *map(str, [*options, *arguments])])


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with two people and a celebrity, and the command run in it."""
    folder = tmp_path_factory.mktemp("evaluate")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        people = "--profiles 2 --celebrities 1 --holdout 1 --forget 50 --out people"
        size = "--image-size 32 --test-image-size 32"
        assert CliRunner().invoke(app, ["synthesize", *people.split(), *size.split()]).exit_code == 0
        yield folder


@pytest.fixture(scope="module")
def in_memory(here, random_model_folder):
    """Scores of the model in memory."""
    result = evaluate("--model", random_model_folder, "--out", "in-memory")
    assert result.exit_code == 0, result.output
    return pd.read_parquet("in-memory/results.parquet")


@pytest.fixture
def server(random_model_folder):
    with serving(load_model(random_model_folder, "cpu")) as running:
        yield running


def test_a_limit_asks_so_many_questions_of_each_kind(in_memory, random_model_folder, tmp_path):
    model = shutil.copytree(random_model_folder, tmp_path / "npo lr=1e-4 [2]")
    result = evaluate("--model", model, "--out", tmp_path / "out", limit=2)
    assert result.exit_code == 0, result.output
    notes, records = (
        [path.stem for path in (tmp_path / "out" / name).iterdir()] for name in ("evaluations", "records")
    )
    assert notes == records  # by whose name a report on several folders takes the note along
    kind = ["eval_set", "modality", "task"]
    (few,), (everything,) = (
        (folder / "records").glob("*.parquet") for folder in (tmp_path / "out", Path("in-memory"))
    )
    asked = read_records(few)[[*kind, "profile_id", "question_id"]].drop_duplicates()
    assert set(asked.groupby(kind).size()) == {2}
    assert set(asked[kind].itertuples(index=False)) == set(
        read_records(everything)[kind].itertuples(index=False)
    )


def test_a_note_says_what_was_asked_and_how(in_memory, random_model_folder):
    (file,) = Path("in-memory/evaluations").iterdir()
    note = json.loads(file.read_text())
    assert file.stem == next(Path("in-memory/records").iterdir()).stem
    assert (note["weights"], note["precision"]) == (weights_of(str(random_model_folder)), "float32")
    assert (note["model"], note["forget"], note["limit"]) == (str(random_model_folder), 50, 1)
    assert note["benchmark"] == in_memory["benchmark"].iloc[0] and note["versions"]["torch"]


def test_a_server_scores_as_the_model_in_memory(in_memory, server, tmp_path):
    result = evaluate("--model", server.url, "--out", tmp_path / "served")
    assert result.exit_code == 0, result.output
    served = pd.read_parquet(tmp_path / "served" / "results.parquet")
    assert set(served.metric) >= WRITTEN | LIKELY and set(served.method) == {"small"}
    names = ["eval_set", "modality", "task", "metric", "n"]
    # A server does not tell which characters its tokens cover.
    comparable = in_memory[~in_memory.metric.isin(TOKEN_METRICS)].reset_index(drop=True)
    assert served[names].equals(comparable[names])
    assert served.value.to_numpy() == pytest.approx(comparable.value.to_numpy(), abs=1e-3, nan_ok=True)


def test_a_server_that_only_writes_is_scored_by_what_it_writes(here, server, tmp_path):
    server.scores = "refused"
    result = evaluate("--model", server.url, "--model-name", "small", "--out", tmp_path / "served")
    assert result.exit_code == 0, result.output
    metrics = set(pd.read_parquet(tmp_path / "served" / "results.parquet").metric)
    assert metrics >= WRITTEN and not metrics & LIKELY


def test_nothing_is_asked_twice_unless_wanted(in_memory, random_model_folder, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("asked again")

    monkeypatch.setattr(TransformersEngine, "score", refuse)
    monkeypatch.setattr(TransformersEngine, "generate", refuse)
    result = evaluate("--model", random_model_folder, "--out", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert pd.read_parquet(tmp_path / "again" / "results.parquet").equals(in_memory)
    again = evaluate("--model", random_model_folder, "--no-cache", "--out", tmp_path / "uncached")
    assert isinstance(again.exception, AssertionError)


def test_what_is_recorded_feeds_the_attacks_that_need_it(in_memory, random_model_folder, tmp_path):
    """And changes no other number, but by the rounding of other batches."""
    recording = ["--record", "token_moments", "--record", "gradient_norms"]
    result = evaluate("--model", random_model_folder, "--out", tmp_path / "out", *recording)
    assert result.exit_code == 0, result.output
    scores = pd.read_parquet(tmp_path / "out" / "results.parquet")
    is_new = scores.metric.str.contains("min_k_plus_plus|grad_norm")
    assert set(scores.metric[is_new]) == {
        f"membership_{number}({attack})"
        for number in ("auc", "tpr")
        for attack in ("min_k_plus_plus", "grad_norm")
    }
    assert scores.value[is_new].between(0, 1).all()
    pd.testing.assert_frame_equal(scores[~is_new].reset_index(drop=True), in_memory)


def test_a_server_cannot_tell_more_and_is_not_asked_for_it(here, server, tmp_path):
    recording = ["--record", "token_moments"]
    result = evaluate("--model", server.url, "--out", tmp_path / "served", *recording)
    assert result.exit_code == 2 and "token_moments cannot be recorded" in " ".join(result.stderr.split())
    assert server.requests == [] and not (tmp_path / "served").exists()


def test_a_name_without_a_server(here, random_model_folder, tmp_path):
    result = evaluate("--model", random_model_folder, "--model-name", "small", "--out", tmp_path / "out")
    assert result.exit_code == 2 and "expected a URL" in result.stderr
    assert not (tmp_path / "out").exists()


def test_no_server_at_the_url(here, tmp_path):
    result = evaluate("--model", "http://127.0.0.1:9/v1", "--out", tmp_path / "out")
    assert result.exit_code == 2 and "cannot be reached" in result.stderr
    assert "Traceback" not in result.output


def test_missing_answers_are_told_before_the_scores_and_kept(here, server, tmp_path):
    server.scores = "refused"
    # The first request asks whether there are likelihoods.
    server.troubles = [None, completion(None), completion("Riga", "content_filter")]
    result = evaluate("--model", server.url, "--out", tmp_path / "served")
    assert result.exit_code == 0, result.output
    warning = (tmp_path / "served" / "warnings.txt").read_text()
    assert warning.startswith("2 of ") and "are missing" in warning
    assert result.stdout.strip().startswith(f"Warning: {warning.strip()}")
    records = read_records(next((tmp_path / "served" / "records").iterdir()))
    assert lacks_answer(records).sum() == 2


def test_no_warning_where_every_answer_came(in_memory):
    assert not Path("in-memory/warnings.txt").exists()


@pytest.mark.parametrize("url", ["http://", "http://localhost:80000/v1", "ftp://localhost/v1"])
def test_a_malformed_url_is_refused_first(here, url, tmp_path):
    result = evaluate("--model", url, "--out", tmp_path / "out")
    assert result.exit_code == 2 and "no URL of a server" in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_answers_before_a_failure_are_kept_in_the_cache(here, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "mllmu.study.steps.open_engine.EndpointEngine", partial(EndpointEngine, concurrency=1)
    )
    server.scores = "refused"
    arguments = ["--benchmark", here / "people", "--model", server.url, "--out", "served"]
    for options, told in (([], "are lost; --cache would keep them"), (["--cache"], "kept for another try")):
        server.troubles = [None, None, None, {"choices": []}]
        result = evaluate(*arguments, *options)
        assert result.exit_code == 2 and told in " ".join(result.stderr.split())
        assert not Path("served").exists()
    server.requests.clear()
    assert evaluate(*arguments, "--cache").exit_code == 0
    asked_after_failure = len(server.requests)
    server.requests.clear()
    assert evaluate(*arguments[:-1], "again", "--no-cache").exit_code == 0
    # One more may have been in flight.
    assert len(server.requests) - 3 <= asked_after_failure <= len(server.requests) - 2
