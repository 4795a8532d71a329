"""Recipes and ``--set`` as people write them: a recipe or one sentence, and no setting that goes unread."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mllmu.study.recipe.presets import make_recipe, preset_names
from mllmu.study.recipe.recipe_settings import dump_recipe, load_recipe
from tests.study.recipe.test_recipe_settings import asked_by

from .odd_values import JSON, TEXTS, mutated
from .properties import made_or_refused

PRESETS = [make_recipe(name).model_dump(mode="json") for name in preset_names()]
FRAGMENTS = st.sampled_from(
    [
        "&a [*a]",
        "&b {c: *b}",
        "*nobody",
        "!!int many",
        "!!timestamp soon",
        "!!binary x",
        "!!python/object:os.system x",
        "!!omap [a]",
        "2020-13-45",
        "1" * 5000,
        ".nan",
        ".inf",
        "[" * 3000,
        "{a: " * 400,
        "? [a]\n: b",
        '"\\ud800"',
        '"\\0"',
        "\t",
        "\x1b",
        "<<: [1]",
        "---\n",
        "- - - -",
        "%YAML 9.9",
        "'",
        "methods: {npo: 3}",
    ]
)
SETTINGS = st.sampled_from(
    ["methods", "fine_tuning.epochs", "seeds", "split_seed", "views", "synthetic.seed"]
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "people.yaml"


def check(file):
    recipe = made_or_refused(lambda: load_recipe(file), "people.yaml")
    if recipe is not None:
        data = yaml.safe_load(file.read_bytes())
        assert set(data) <= set(type(recipe).model_fields), "a setting goes unread"
        written = dump_recipe(recipe)
        file.write_text(written, "utf-8")
        again = load_recipe(file)
        assert asked_by(again) == asked_by(recipe)
        assert dump_recipe(again) == written


@given(st.sampled_from(PRESETS).flatmap(mutated))
def test_recipes_of_odd_settings(file, data):
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    check(file)


@given(st.data())
def test_recipes_of_odd_texts(file, data):
    text = yaml.safe_dump(data.draw(st.sampled_from(PRESETS)), sort_keys=False)
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 8))
        text = text[:start] + data.draw(st.one_of(FRAGMENTS, TEXTS)) + text[end:]
    file.write_bytes(text.encode() + data.draw(st.sampled_from([b"", b"", b"\xff", b"\x00"])))
    check(file)


@given(st.one_of(SETTINGS, TEXTS), st.one_of(FRAGMENTS, TEXTS, JSON.map(repr)))
def test_odd_assignments(key, value):
    made_or_refused(lambda: make_recipe("quick", assignments=[f"{key}={value}"]))
