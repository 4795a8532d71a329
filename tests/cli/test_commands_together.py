"""Protects: under torchrun the single commands leave and say once what one process leaves and says."""

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from mllmu.cli import app
from tests.together import torchrun

# Plain gradient descent: others blow what is rounded otherwise up to a whole step.
COMMON = ["--set", "batch_size=4", "--set", "precision=float32", "--set", "optimizer=sgd", "--device", "cpu"]
TRAINING = ["--benchmark", "people", *COMMON, "--set", "max_steps=4", "--set", "learning_rate=0.05"]
FORGETTING = ["--benchmark", "people", *COMMON, "--set", "passes=0.5", "--forget", "25"]
OF_TINY = ["--model", "tiny", *FORGETTING]

FSDP = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}


def alone(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("together")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        size = ["--image-size", 32, "--test-image-size", 32]
        people = ["--profiles", 4, "--celebrities", 1, "--holdout", 1, "--forget", 25]
        alone("synthesize", *people, *size, "--out", "people")
        yield folder


@pytest.fixture(scope="module")
def said(here, random_model_folder):
    """What one process prints, then the exit code, output and errors of two that fail at a third command."""
    train = ["train", "--model", random_model_folder, *TRAINING, "--out"]
    unlearn = ["unlearn", "npo", "--model", "taught", *FORGETTING, "--out"]
    one = alone(*train, "taught") + alone(*unlearn, "npo")
    together = [*train, "taught-together", "+", *map("=".join, FSDP.items()), *unlearn, "npo-together"]
    together += ["+", "ACCELERATE_USE_FSDP=false", "SECOND_FAILS=true", *train, "failed"]
    return one, torchrun(here, *together, module="tests.cli.one_after_the_other")


def test_models_are_those_of_one_process(here, said):
    """Files of the same names, the same weights, and one line that says where they are; by FSDP, too."""
    one, (_, printed, errors) = said
    assert printed.replace("-together", "") == one, errors
    for name in ("taught", "npo"):
        folders = here / name, here / f"{name}-together"
        files = [sorted(path.name for path in folder.iterdir()) for folder in folders]
        assert files[0] == files[1]
        weights = [load_file(folder / "model.safetensors") for folder in folders]
        for key, tensor in weights[0].items():
            torch.testing.assert_close(weights[1][key], tensor, rtol=0, atol=1e-6)
    lines = [line for line in errors.splitlines() if line.startswith("[1/1] ")]
    titles = [line.split("] ")[1].split(":")[0] for line in lines]
    *ended, failed = titles
    assert failed in ended
    assert all(ended.count(title) == 2 for title in ended), "a line at the beginning and one at the end"


def test_one_that_fails_ends_all_with_one_sentence(here, said):
    """The other waits for it, and says nothing of that."""
    _, (code, _, errors) = said
    assert code != 0
    sentences = [line for line in errors.splitlines() if line.startswith("mllmu:")]
    assert sentences == ["mllmu: The second of the processes cannot go on."]
    assert not (here / "failed").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["report", "run"], {}, "'report' was started in 2 processes"),
        (["run", "--workers", "2"], {}, "2 workers were asked for in each of 2 processes"),
        (["train", *TRAINING, "--out", "x"], {"ACCELERATE_USE_FSDP": "true"}, "for version 1 of FSDP"),
        (["train", *TRAINING, "--out", "x"], {"ACCELERATE_USE_DEEPSPEED": "true"}, "for DeepSpeed"),
        (
            ["train", "--benchmark", "people", "--set", "optimizer=muon", "--out", "x"],
            FSDP,
            "'muon', which needs whole matrices",
        ),
        (
            ["unlearn", "salun", *OF_TINY, "--out", "x"],
            FSDP,
            "Method 'salun' needs the whole model",
        ),
        (
            ["unlearn", "ga", *OF_TINY, "--set", "l1=1", "--out", "x"],
            FSDP,
            "'l1' of method 'ga' needs",
        ),
        (["unlearn", "rmu", *OF_TINY, "--out", "x"], FSDP, "Method 'rmu' needs the whole model"),
        (["train", *TRAINING, "--out", "x"], {"WORLD_SIZE": "5"}, "cannot be shared by 5 processes"),
        (
            ["run", "--set", "fine_tuning.batch_size=8", "--set", "methods.npo.batch_size=4"],
            {"WORLD_SIZE": "5"},
            "of batch_size 4 and gradient_accumulation 1 cannot be shared by 5 processes; expected at most 4",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused(here, monkeypatch, arguments, variables, sentence):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", **variables}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
