"""Protects: people arrive on the hub as what they were, checked, and the card says no more than is known."""

from dataclasses import replace

import pytest
from huggingface_hub import DatasetCard

from mllmu.benchmark import load_benchmark, write_benchmark
from mllmu.synthesis import synthesize


@pytest.fixture(scope="module")
def people():
    return synthesize(profiles=4, celebrities=1, holdout=1, ratios=[25], image_size=64, test_image_size=64)


@pytest.fixture
def folder(people, tmp_path):
    return write_benchmark(people, tmp_path / "people")


def test_people_come_back_as_they_were(people, folder, hub, push):
    code, said = push("data", folder, "--to", "owner/people", "--yes")
    assert code == 0 and said.endswith(f"dataset: {hub.url}/datasets/owner/people"), said
    repository = hub.repositories["dataset", "owner/people"]
    assert repository.private
    again = load_benchmark("owner/people")
    assert again.fingerprint == load_benchmark(folder).fingerprint
    card = DatasetCard(repository.files["README.md"].decode())
    assert "fictitious-people" in card.data.tags and "do not exist" in card.text
    assert 'load_dataset("owner/people", "Full_Set"' in card.text
    configs = {name.split("/")[0] for name in repository.files if name.endswith(".parquet")}
    assert {each["config_name"] for each in card.data.configs} == configs


def test_without_yes_nothing_reaches_the_hub(folder, hub, push):
    code, said = push("data", folder, "--to", "owner/people", "--public")
    assert (code, hub.asked) == (0, [])
    assert "owner/people: a public dataset" in said and "forget_25/train-00000-of-00001.parquet" in said
    assert said.endswith("Nothing was sent; add --yes to send it.")


def test_of_other_peoples_data_only_what_is_known_is_said(people, tmp_path, push):
    """A name from outside is shown as it is, and steers neither the page nor the header."""
    name = "x\n---\n# <script>"
    theirs = replace(people, name=name, celebrities_are_fictitious=False)
    write_benchmark(theirs, tmp_path / "theirs")
    text = (tmp_path / "theirs" / "README.md").read_text(encoding="utf-8")
    card = DatasetCard(text)
    assert card.data.pretty_name == name and f"\n{card.text}".count("\n# ") == 1
    assert "<script>" not in card.text and "do not exist" not in card.text
    assert "not recorded that the others are fictitious" in card.text
    assert "fictitious-people" not in card.data.tags
    assert push("data", tmp_path / "theirs", "--to", "owner/theirs")[0] == 0


def beside(folder):
    (folder / "Full_Set").rename(folder.parent / "Full_Set")
    (folder / "Full_Set").symlink_to(folder.parent / "Full_Set")


def move(folder):
    folder.rename(folder.parent / "moved")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (beside, "Full_Set leads out of"),
        (lambda folder: (folder / "Full_Set" / "train-00000-of-00001.parquet").unlink(), "Full_Set"),
        (move, "There is no folder"),
    ],
)
def test_people_that_are_not_whole_are_refused(spoil, says, folder, hub, push):
    spoil(folder)
    code, said = push("data", folder, "--to", "owner/people", "--yes")
    assert (code, says in said, hub.asked) == (2, True, []), said


def test_people_with_errors_are_refused(people, tmp_path, hub, push):
    first = next(iter(people.profiles.values()))
    spoilt = {**people.profiles, first.profile_id: replace(first, image=b"none")}
    write_benchmark(replace(people, profiles=spoilt), tmp_path / "people")
    code, said = push("data", tmp_path / "people", "--to", "owner/people", "--yes")
    assert (code, hub.asked) == (2, []) and "has errors, " in said and "mllmu data validate" in said
