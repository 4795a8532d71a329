"""Protects: every mistake is answered with one sentence and exit code 2, and leaves nothing half-written.

The tests go through the same entry point as the command line.
"""

import io
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from typer.testing import CliRunner

from mllmu.benchmark import write_benchmark
from mllmu.cli import app
from mllmu.synthesis import synthesize


def invoke(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def assert_refused(result, *words):
    assert result.exit_code == 2, result.output
    *progress, sentence = result.stderr.strip().splitlines()
    assert all(line.startswith("[") for line in progress)
    assert sentence.startswith("mllmu: ")
    assert "Traceback" not in result.output
    for word in words:
        assert word in sentence


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A benchmark folder of four people, whose test and training files are the release's."""
    folder = tmp_path_factory.mktemp("people") / "benchmark"
    made = synthesize(profiles=4, celebrities=1, holdout=0, image_size=32, test_image_size=32, ratios=(25,))
    write_benchmark(made, folder)
    return folder


@pytest.fixture
def broken(people, tmp_path):
    """A copy of the benchmark to damage."""
    return shutil.copytree(people, tmp_path / "broken")


def replace_image(folder, data):
    (file,) = (folder / "Full_Set").glob("*.parquet")
    table = pq.read_table(file)
    rows = table.to_pylist()
    rows[2]["image"]["bytes"] = data
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)


def run_on(benchmark, tmp_path, model, *more):
    out = tmp_path / "out"
    options = ["--set", f"benchmark={benchmark}", "--set", f"model={model}", "--out", out]
    return invoke("run", *options, *more), out


def test_missing_parquet_file(broken, tmp_path, random_model_folder):
    (file,) = (broken / "Full_Set").glob("*.parquet")
    file.unlink()
    result, out = run_on(broken, tmp_path, random_model_folder)
    assert_refused(result, "Full_Set")
    assert not out.exists()


def test_damaged_parquet_file(broken, tmp_path, random_model_folder):
    (file,) = (broken / "Full_Set").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:500])
    result, out = run_on(broken, tmp_path, random_model_folder)
    assert_refused(result, file.name)
    assert not out.exists()


def test_image_that_does_not_decode(broken, tmp_path, random_model_folder):
    replace_image(broken, b"this is no image")
    result, out = run_on(broken, tmp_path, random_model_folder)
    assert_refused(result, "row 2", "image")
    assert not out.exists()


def test_image_larger_than_50_megapixels(broken, tmp_path, random_model_folder):
    stored = io.BytesIO()
    Image.new("1", (8000, 7000)).save(stored, "PNG")  # 56 megapixels in a few kilobytes
    replace_image(broken, stored.getvalue())
    result, out = run_on(broken, tmp_path, random_model_folder)
    assert_refused(result, "row 2", "50")
    assert not out.exists()


QUARTER = ("--set", "benchmark={people}", "--set", "forget_ratios=[25]")
"""People, and the forget ratio that they have a split for."""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--preset", "quikc"), ("preset", "'quick'")),
        (("--set", "methods=[gradient_diff]"), ("method", "grad_diff")),
        (("--set", "methods.npo.betta=1"), ("npo", "beta")),
        (("--set", "fine_tuning.learning_rat=1"), ("fine_tuning", "'learning_rate'")),
        (("--set", "fine_tuning.epochs=-1"), ("fine_tuning.epochs",)),
        (("--recipe", "nowhere.yaml"), ("nowhere.yaml",)),
        (("--device", "abacus", *QUARTER, "--set", "model={model}"), ("abacus",)),
        ((*QUARTER, "--set", "model=nowhere/at/all"), ("nowhere/at/all",)),
        (("--set", "benchmark=/nowhere"), ("/nowhere",)),
        (("--address", "host:1"), ("--address host:1 is that of a cluster; expected --executor ray",)),
    ],
)
def test_unknown_names_and_settings(options, words, people, tmp_path, random_model_folder):
    filled = [one.format(people=people, model=random_model_folder) if "{" in one else one for one in options]
    out = tmp_path / "out"
    assert_refused(invoke("run", *filled, "--out", out), *words)
    assert not out.exists()


def test_a_recipe_at_fault_leaves_what_an_earlier_one_gave(tmp_path):
    """Its results still belong to the recipe beside them."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "recipe.yaml").write_text("benchmark: people\n")
    (out / "results.parquet").write_bytes(b"scores")
    (out / "stages").touch()
    before = {path: path.read_bytes() for path in out.iterdir()}
    assert_refused(invoke("run", "--set", "benchmark=/nowhere", "--out", out), "/nowhere")
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_split_that_asks_for_more_people_than_there_are(people, tmp_path, random_model_folder):
    drawn = ["--set", "forget_ratios=[99]", "--set", "split_seed=0"]
    result, out = run_on(people, tmp_path, random_model_folder, *drawn)
    assert_refused(result, "99", "4 of 4")
    assert not out.exists()


def test_split_that_the_people_do_not_have(people, tmp_path, random_model_folder):
    result, out = run_on(people, tmp_path, random_model_folder, "--set", "forget_ratios=[50]")
    assert_refused(result, "50 per cent", "one of 25", "split_seed")
    assert not out.exists()


def test_full_disk(people, tmp_path, random_model_folder, monkeypatch):
    """A model that does not fit is told as such, and what was written of it is gone."""

    def no_room(loaded, folder):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mllmu.study.pipeline.stages.model_family.store_model", no_room)
    settings = ["--set", "fine_tuning.max_steps=1", "--set", "forget_ratios=[25]"]
    result, out = run_on(people, tmp_path, random_model_folder, *settings)
    assert_refused(result, "disk is full")
    assert not list(out.rglob("*.safetensors"))
    assert not list(out.rglob(".tmp-*"))


def test_run_folder_that_is_a_file(people, tmp_path, random_model_folder):
    (tmp_path / "out").write_text("")
    result, _ = run_on(people, tmp_path, random_model_folder, "--set", "forget_ratios=[25]")
    assert_refused(result, "out")


def test_single_steps_refuse_a_folder_that_is_taken(people, tmp_path, random_model_folder, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    options = ["--benchmark", people, "--model", random_model_folder, "--out", "taken"]
    assert_refused(invoke("train", *options, "--set", "max_steps=1"), "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["file"]


def test_synthesis_with_impossible_numbers(tmp_path):
    assert_refused(invoke("synthesize", "--profiles", 1, "--out", tmp_path / "out"), "profiles")
    huge = ["--profiles", 2, "--celebrities", 0, "--holdout", 0, "--image-size", 7100]
    assert_refused(invoke("synthesize", *huge, "--out", tmp_path / "out"), "50 megapixels")
    assert not (tmp_path / "out").exists()


def test_retain_without_a_ratio(people, tmp_path, random_model_folder, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--benchmark", people, "--model", random_model_folder, "--on", "retain", "--out", "out"]
    assert_refused(invoke("train", *options), "forget ratio")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--protocol", "strickt"), ("unknown protocol", "'strict'")),
        (("--demonstrators", "009"), ("unknown demonstrator '009'",)),
        (("--demonstrators", "draw:many"), ("draw:many", "draw:2")),
        (("--demonstrators", "draw:3"), ("3 people who are retained",)),
    ],
)
def test_evaluation_with_impossible_wishes(
    options, words, people, tmp_path, random_model_folder, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    named = ["--benchmark", people, "--model", random_model_folder, "--forget", 25, "--out", "out"]
    assert_refused(invoke("evaluate", *named, *options), *words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("train", ("--on", "retain"), ("forget ratio",)),
        ("train", ("--on", "retain", "--forget", 100), ("100",)),
        ("unlearn npo", ("--forget", 100), ("100",)),
        ("evaluate", ("--forget", 100), ("100",)),
        ("train", ("--attribute", "pet"), ("leaves out nothing",)),
        ("train", ("--on", "retain", "--forget", 10, "--attribute", "pets"), ("did you mean 'pet'",)),
        ("unlearn npo", ("--forget", 10, "--attribute", "pets"), ("did you mean 'pet'",)),
        ("evaluate", ("--forget", 10, "--attribute", "pets"), ("did you mean 'pet'",)),
        (
            "evaluate",
            ("--forget", 10, "--protocol", "official", "--attribute", "pet"),
            ("whole people", "'strict'"),
        ),
        ("evaluate", ("--forget", 10, "--demonstrators", "777"), ("unknown demonstrator '777'",)),
        (
            "evaluate",
            ("--forget", 10, "--protocol", "official", "--demonstrators", "777"),
            ("unknown demonstrator '777'",),
        ),
    ],
)
def test_single_steps_invent_nobody_for_impossible_wishes(
    command, options, words, tmp_path, random_model_folder, monkeypatch
):
    """Synthetic people would be kept in the folder .mllmu."""
    monkeypatch.chdir(tmp_path)
    named = ["--benchmark", "synthetic", "--model", random_model_folder, "--out", "out"]
    assert_refused(invoke(*command.split(), *named, *options), *words)
    assert not (tmp_path / ".mllmu" / "stages").exists()


def test_interruption_says_that_the_run_resumes(people, tmp_path, random_model_folder, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("mllmu.study.pipeline.stages.model_stages.fine_tune", interrupted)
    result, _ = run_on(people, tmp_path, random_model_folder, "--set", "forget_ratios=[25]")
    assert result.exit_code == 130
    assert "goes on from its last finished stage, and a long training from its last state" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "stats", ""),
        ("train", "--benchmark", "", "--out", "out"),
        ("run", "--set", "benchmark=''", "--out", "out"),
    ],
)
def test_a_benchmark_without_a_name_is_not_the_current_folder(people, monkeypatch, arguments):
    """As that of a shell variable that is not set."""
    monkeypatch.chdir(people)
    assert_refused(invoke(*arguments), "benchmark has no name")
    assert not (people / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "stats", "L" * 5000),
        ("run", "--set", f"benchmark={'L' * 5000}", "--dry-run"),
        ("run", "--set", f"model={'L' * 5000}", "--dry-run"),
        ("export", "L" * 5000, "--out", "out"),
        ("push", "model", "L" * 5000, "--to", "a/b"),
    ],
)
def test_names_that_no_file_can_have_are_refused(arguments):
    assert_refused(invoke(*arguments), "is too long a name")
