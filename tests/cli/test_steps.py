"""Protects: the single commands fit together, from people to a report, and say where their results are."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app

COMMON = ["--set", "batch_size=2", "--set", "precision=float32", "--device", "cpu"]
QUICK = ["--set", "max_steps=1", *COMMON]
SHORT = ["--set", "passes=0.1", *COMMON]


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def steps(tmp_path_factory, random_model_folder):
    """Everything the commands print and leave when they are used one after the other."""
    here = tmp_path_factory.mktemp("steps")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        size = ["--image-size", 32, "--test-image-size", 32]
        people = ["--profiles", 4, "--celebrities", 1, "--holdout", 1, "--forget", 25]
        said = {"synthesize": invoke("synthesize", *people, *size, "--out", "people").stdout}
        whom = ["--benchmark", "people"]
        base = ["--model", random_model_folder]
        said["train"] = invoke("train", *whom, *base, *QUICK, "--out", "vanilla").stdout
        forget = [*whom, "--model", "vanilla", "--forget", 25]
        said["unlearn"] = invoke("unlearn", "npo", *forget, *SHORT, "--out", "npo").stdout
        said["vanilla"] = invoke("evaluate", *forget, "--out", "asked-vanilla").stdout
        judge = [*whom, "--model", "npo", "--forget", 25, "--reference", "asked-vanilla"]
        judge += ["--vanilla", "asked-vanilla"]
        said["npo"] = invoke("evaluate", *judge, "--out", "asked-npo").stdout
        facts = [*forget, "--attribute", "profession", "--attribute", "residence"]
        invoke("unlearn", "npo", *facts, *SHORT, "--out", "npo-facts")
        judge_facts = [*facts, "--vanilla", "asked-vanilla", "--out", "asked-facts"]
        said["facts"] = invoke("evaluate", *judge_facts).stdout
        shown = ["--demonstrators", "draw:1", "--out", "asked-shown"]
        said["shown"] = invoke("evaluate", *forget, *shown).stdout
        both = ["asked-vanilla", "asked-npo", *whom, "--out", "both"]
        said["report"] = invoke("report", *both).stdout
        said["stats"] = invoke("data", "stats", "people").stdout
        said["show"] = invoke("data", "show", "people", "--id", "001").stdout
    return here, said


def test_every_command_says_where_its_result_is(steps):
    here, said = steps
    for command, folder in {"synthesize": "people", "train": "vanilla", "unlearn": "npo"}.items():
        assert said[command].strip().splitlines()[-1].endswith(folder)
        assert (here / folder).is_dir()
    assert "asked-npo/results.parquet" in said["npo"]
    assert "both/report.html" in said["report"]


def test_some_facts_are_forgotten_and_the_others_asked_apart(steps):
    """Vanilla was asked the same questions before, all of them to be forgotten."""
    results = pd.read_parquet(steps[0] / "asked-facts" / "results.parquet")
    (records,) = (steps[0] / "asked-facts" / "records").glob("*.parquet")
    asked = pd.read_parquet(records)
    facts = {"profession", "residence"}
    assert set(asked.loc[asked["eval_set"].isin(["forget", "test", "trained"]), "attribute"]) == facts
    others = set(asked.loc[asked["eval_set"] == "same_person", "attribute"])
    assert others and not others & facts
    lost = results[results["metric"].str.startswith("over_forgetting")]
    assert {"over_forgetting(other_facts)", "over_forgetting(other_people)"} == set(lost["metric"])
    assert lost["value"].notna().all()
    assert "Same person" in steps[1]["facts"]


def test_a_model_remembers_what_was_done_to_it(steps):
    results = pd.read_parquet(steps[0] / "both" / "results.parquet")
    whose = set(results[["model", "method", "unlearn_modality"]].itertuples(index=False, name=None))
    assert whose == {("vanilla", "", ""), ("unlearned", "npo", "both")}


def test_comparison_with_a_reference_is_paired_by_question(steps):
    comparison = pd.read_parquet(steps[0] / "asked-npo" / "comparison.parquet")
    assert {"value", "ci_low", "ci_high", "p_value"} <= set(comparison.columns)
    choices = comparison[comparison.metric == "option_likelihood_accuracy"]
    assert set(choices[choices.eval_set == "forget"].n) == {5}


def test_a_reference_that_was_asked_something_else_is_refused(steps, monkeypatch):
    """Another protocol, or other people of the same ids: the same question ids mean something else there."""
    monkeypatch.chdir(steps[0])
    sizes = ["--profiles", 4, "--celebrities", 1, "--image-size", 32, "--test-image-size", 32]
    invoke("synthesize", *sizes, "--holdout", 0, "--forget", 25, "--seed", 5, "--out", "strangers")
    asked = ["--model", "npo", "--forget", "25", "--reference", "asked-vanilla", "--out", "asked-wrong"]
    for arguments, words in (
        (["--benchmark", "people", "--protocol", "official"], "was asked with protocol strict"),
        (["--benchmark", "strangers"], "--reference asked-vanilla asked other questions"),
        (["--benchmark", "strangers", "--vanilla", "asked-vanilla"], "asked other questions"),
    ):
        result = CliRunner().invoke(app, ["evaluate", *arguments, *asked])
        assert result.exit_code == 2
        assert words in " ".join(result.output.split())
        assert not (steps[0] / "asked-wrong").exists()


def test_metrics_of_sets_read_both_references_or_say_that_there_is_none(steps):
    for folder, lacking in (("asked-npo", False), ("asked-vanilla", True)):
        results = pd.read_parquet(steps[0] / folder / "results.parquet")
        reasons = " ".join(results["missing"])
        for reference in ("retrained", "vanilla"):
            assert (f"there are no records of the {reference} model" in reasons) == lacking


def test_whoever_demonstrates_is_not_scored(steps):
    """One of three retained people answers first, in every prompt; letters are a guess and get no table."""
    here, said = steps
    (path,) = (here / "asked-shown" / "records").iterdir()
    records = pd.read_parquet(path)
    ((demonstrator,),) = set(map(tuple, records.demonstrators))
    assert len(set(records[records.eval_set == "retain"].profile_id)) == 2
    assert demonstrator not in set(records.profile_id)
    assert all(prompt.count("ASSISTANT:") == 2 for prompt in records.prompt)
    assert "classification by letter" not in said["shown"]


def test_one_report_of_two_evaluations(steps):
    both = steps[0] / "both"
    assert (both / "report.html").is_file()
    assert len(list((both / "records").iterdir())) == 2
    compared = pd.read_parquet(both / "comparisons.parquet")
    assert set(compared["model"]) == {"unlearned"}
    assert set(compared["against"]) == {"vanilla"}


def test_statistics_count_the_people(steps):
    lines = steps[1]["stats"].splitlines()
    # 4 people with original and test questions, 1 celebrity: 9 times 18.
    assert any("questions" in line and "162" in line for line in lines)


def test_a_person_is_shown_with_questions_and_answers(steps):
    assert "classification" in steps[1]["show"]
    assert "Taught in fine-tuning" in steps[1]["show"]


@pytest.mark.parametrize("what", ["methods", "metrics", "models", "presets"])
def test_lists(what):
    expected = {"methods": "npo", "metrics": "rougeL_f", "models": "tiny", "presets": "paper"}[what]
    assert expected in invoke("list", what).stdout


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "synthesize",
        "train",
        "unlearn",
        "evaluate",
        "report",
        "export",
        "data stats",
        "data show",
        "data validate",
    ],
)
def test_help_gives_an_example(command):
    _, _, example = invoke(*command.split(), "--help").stdout.partition("Example:")
    assert f"mllmu {command}" in " ".join(example.split())
