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


def test_models_are_those_of_one_process(here, random_model_folder):
    """Files of the same names, the same weights, and one line that says where they are."""
    commands = {
        "train": ["train", "--model", random_model_folder, *TRAINING],
        "unlearn": ["unlearn", "npo", "--model", "train", *FORGETTING],
    }
    for name, command in commands.items():
        said = alone(*command, "--out", name)
        code, printed, errors = torchrun(here, *command, "--out", f"{name}-together")
        assert code == 0, errors
        assert printed == said.replace(name, f"{name}-together")
        assert errors.count("s\n") == errors.count("\n") / 2, "a line when it begins and one when it ends"
        files = [sorted(path.name for path in (here / one).iterdir()) for one in (name, f"{name}-together")]
        assert files[0] == files[1]
        weights = [load_file(here / one / "model.safetensors") for one in (name, f"{name}-together")]
        for key, tensor in weights[0].items():
            torch.testing.assert_close(weights[1][key], tensor, rtol=0, atol=1e-6)


def test_one_that_fails_ends_all_with_one_sentence(here, random_model_folder):
    """The other waits for it, and says nothing of that."""
    command = ["train", "--model", random_model_folder, *TRAINING, "--out", "failed"]
    code, printed, errors = torchrun(here, *command, module="tests.cli.one_that_fails")
    assert code != 0 and not printed
    said = [line for line in errors.splitlines() if line.startswith("mllmu:")]
    assert said == ["mllmu: The second of the processes cannot go on."]
    assert not [path for path in here.iterdir() if "failed" in path.name]


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["report", "run"], {}, "'report' was started in 2 processes"),
        (["run", "--workers", "2"], {}, "2 workers were asked for in each of 2 processes"),
        (["train", *TRAINING, "--out", "x"], {"ACCELERATE_USE_FSDP": "true"}, "were started for FSDP"),
    ],
)
def test_what_cannot_be_shared_is_refused(here, monkeypatch, arguments, variables, sentence):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", **variables}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
