"""Protects: what a stage is looked up by holds everything that can change its result, its code included."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mllmu import source_digest as digests
from mllmu.evaluation import SET_METRICS, Item
from mllmu.evaluation.protocols.official import OFFICIAL
from mllmu.study.pipeline.execution.stage_store import Made, Stage
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.pipeline.stages import asking_stages
from mllmu.study.pipeline.stages.asking_stages import asking_stage, scoring_stage
from mllmu.study.pipeline.stages.model_stages import model_stage
from mllmu.study.pipeline.stages.synthesis_stage import synthesis_stage
from mllmu.study.recipe.evaluation_settings import EvaluationSettings
from mllmu.study.recipe.recipe_settings import Recipe, SyntheticSettings
from mllmu.unlearning import METHODS
from mllmu.unlearning.methods.npo import NPO
from tests.edited_source import edit
from tests.evaluation.people import BENCHMARK as ASKED
from tests.extensions.their_unlearning.median_gap import MEDIAN_GAP
from tests.training.people import people

PARENT = Made(Path("parent"), {"fingerprint": "weights"})
OTHER_PARENT = Made(Path("other"), {"fingerprint": "other weights"})
BENCHMARK = people()


@pytest.fixture(scope="module")
def opened(random_model_folder: Path) -> OpenedRecipe:
    return OpenedRecipe(recipe(random_model_folder), BENCHMARK, "cpu")


def recipe(model: Path, **changes: Any) -> Recipe:
    given = {"model": str(model), "methods": ["npo", "ga"], "forget_ratios": [20], "benchmark": "toy"}
    return Recipe.model_validate({**given, **changes})


def planned(opened: OpenedRecipe, model: str, method: str = "") -> PlannedModel:
    return next(
        each
        for each in plan_models(opened.recipe)
        if each.lineage.model == model and each.lineage.method in (method, "")
    )


def unlearning(opened: OpenedRecipe, parent: Made = PARENT, **changes: Any) -> Stage:
    return model_stage(opened, replace(planned(opened, "unlearned", "npo"), **changes), parent)


def teaching(opened: OpenedRecipe, model: str = "vanilla", **settings: Any) -> Stage:
    recipe = opened.recipe.model_copy(
        update={"fine_tuning": opened.recipe.fine_tuning.model_copy(update=settings)}
    )
    return model_stage(replace(opened, recipe=recipe), planned(opened, model), None)


def test_every_ingredient_of_an_unlearning_tells_it_from_others(opened: OpenedRecipe) -> None:
    """Method, modality, settings, seed and the model it starts from."""
    lineage = planned(opened, "vanilla").lineage
    others = [
        unlearning(opened),
        unlearning(opened, lineage=lineage.unlearned("ga", "both")),
        unlearning(opened, lineage=lineage.unlearned("npo", "text")),
        unlearning(opened, lineage=lineage.unlearned("npo", "image_text")),
        unlearning(opened, settings={"beta": 0.4}),
        unlearning(opened, seed=1),
        unlearning(opened, parent=OTHER_PARENT),
    ]
    assert len({stage.hash for stage in others}) == len(others)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("unlearning/losses/preference.py", True),  # where NPO's sign stands
        ("unlearning/pairing/pairs.py", True),
        ("unlearning/methods/npo.py", True),
        ("training/optimizers.py", True),
        ("models/model_parts.py", True),
        ("pipeline/stages/model_stages.py", True),
        ("unlearning/methods/ga.py", False),
        ("evaluation/asking.py", False),
    ],
)
def test_an_unlearning_is_done_anew_when_its_code_changes(
    opened: OpenedRecipe, monkeypatch: pytest.MonkeyPatch, file: str, changes: bool
) -> None:
    before = unlearning(opened).hash
    edit(monkeypatch, file)
    assert (unlearning(opened).hash != before) == changes


@pytest.mark.parametrize(
    ("file", "rehearsal", "changes"),
    [
        ("training/fine_tuning.py", 0, True),
        ("benchmark/language/person_naming.py", 0, True),
        ("unlearning/losses/preference.py", 0, False),
        ("synthesis/perception_questions.py", 0, False),
        ("synthesis/perception_questions.py", 3, True),  # who is rehearsed comes from the generator
    ],
)
def test_a_teaching_is_done_anew_when_its_code_changes(
    opened: OpenedRecipe, monkeypatch: pytest.MonkeyPatch, file: str, rehearsal: int, changes: bool
) -> None:
    before = teaching(opened, rehearsal=rehearsal).hash
    edit(monkeypatch, file)
    assert (teaching(opened, rehearsal=rehearsal).hash != before) == changes


def test_vanilla_and_retrained_are_different_stages(opened: OpenedRecipe) -> None:
    assert teaching(opened).hash != teaching(opened, "retrained").hash


def test_automatic_precision_is_what_the_machine_makes_of_it(
    opened: OpenedRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = set()
    for native in (False, True):
        monkeypatch.setattr("mllmu.training.precision.computes_bfloat16", lambda device, it=native: it)
        hashes.add(teaching(opened).hash)
    assert len(hashes) == 2


def asking(opened: OpenedRecipe, items: list[Item], protocol: str = "strict", model: Made = PARENT) -> Stage:
    changed = opened.recipe.model_copy(update={"protocol": protocol})
    return asking_stage("ask", replace(opened, recipe=changed), model, items)


def test_what_is_recorded_tells_askings_apart_and_nothing_changes_without(opened: OpenedRecipe) -> None:
    """The order in which it is said does not count; letters are asked for unless it is said otherwise."""

    def recording(*names: str, letters: bool = True) -> Stage:
        evaluation = EvaluationSettings(record=list(names))
        recipe = opened.recipe.model_copy(update={"evaluation": evaluation})
        return asking_stage("ask", replace(opened, recipe=recipe), PARENT, [], letters)

    assert recording().hash == asking(opened, []).hash
    as_ever = "benchmark family model device precision items protocol protocol_settings"
    assert set(recording().ingredients) == set(as_ever.split())
    both = recording("token_moments", "gradient_norms")
    assert both.hash == recording("gradient_norms", "token_moments", "gradient_norms").hash
    names = ("token_moments", "gradient_norms")
    others = [recording(), *map(recording, names), both, recording(letters=False)]
    assert len({stage.hash for stage in others}) == len(others)


def test_every_ingredient_of_an_asking_tells_it_from_others(opened: OpenedRecipe) -> None:
    """Protocol, model, and of every question its wording, picture, view and meaning."""
    profile = next(iter(ASKED.profiles.values()))
    question = profile.questions[0]
    item = Item(question, b"portrait", eval_set="forget", view="original")  # type: ignore[arg-type]
    others = [
        asking(opened, [item]),
        asking(opened, [item], protocol="official"),
        asking(opened, [item], model=OTHER_PARENT),
        asking(opened, [replace(item, image=b"blurred portrait")]),
        asking(opened, [replace(item, view="blurred")]),
        asking(opened, [replace(item, question=replace(question, text="Else?"))]),
        asking(opened, [replace(item, question=replace(question, answer="Else"))]),
        asking(opened, [item, replace(item, view="blurred")]),
    ]
    assert len({stage.hash for stage in others}) == len(others)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("evaluation/asking.py", True),
        ("inference/in_memory/plain_batches.py", True),
        ("protocols/strict/strict_prompts.py", True),
        ("protocols/official/official_prompts.py", False),
        ("evaluation/metrics/rouge.py", False),
        ("scoring/bootstrap.py", False),
    ],
)
def test_an_asking_is_done_anew_when_its_code_changes(
    opened: OpenedRecipe, monkeypatch: pytest.MonkeyPatch, file: str, changes: bool
) -> None:
    before = asking(opened, []).hash
    edit(monkeypatch, file)
    assert (asking(opened, []).hash != before) == changes


@pytest.mark.parametrize(
    ("file", "changes"),
    [("metrics/rouge.py", True), ("scoring/bootstrap.py", True), ("unlearning/losses/preference.py", False)],
)
def test_a_scoring_is_done_anew_when_its_code_changes(
    monkeypatch: pytest.MonkeyPatch, file: str, changes: bool
) -> None:
    before = scoring_stage("score", PARENT, [], 0, PARENT, PARENT).hash
    edit(monkeypatch, file)
    assert (scoring_stage("score", PARENT, [], 0, PARENT, PARENT).hash != before) == changes


def test_scores_depend_on_the_references_they_are_read_against() -> None:
    references = [(PARENT, PARENT), (OTHER_PARENT, PARENT), (PARENT, OTHER_PARENT)]
    assert len({scoring_stage("score", PARENT, [], 0, *each).hash for each in references}) == 3


def test_a_scoring_is_done_anew_when_a_metric_of_another_package_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only how it compares is theirs; what it computes of each answer is ours."""
    SET_METRICS.names()
    monkeypatch.setattr(SET_METRICS, "_entries", {**SET_METRICS._entries, MEDIAN_GAP.name: MEDIAN_GAP})
    before = scoring_stage("score", PARENT, [], 0, PARENT, PARENT).hash
    edit(monkeypatch, "tests/extensions/their_unlearning/median_gap.py")
    assert scoring_stage("score", PARENT, [], 0, PARENT, PARENT).hash != before


def test_two_protocols_of_one_class_are_told_apart(
    opened: OpenedRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's variant of ``official`` may differ in a number alone, which no source of ours shows."""
    hashes = set()
    for tokens in (5, 9):
        variant = replace(OFFICIAL, text_letter_tokens=tokens)
        monkeypatch.setattr(asking_stages, "get_protocol", lambda name, it=variant: it)
        hashes.add(asking(opened, []).hash)
    assert len(hashes) == 2


def test_people_are_made_anew_when_the_generator_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = synthesis_stage(SyntheticSettings()).hash
    edit(monkeypatch, "portraits/features/face.py")
    assert synthesis_stage(SyntheticSettings()).hash != before


def test_comments_and_docstrings_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    texts = [
        '"""One."""\n\ndef f():\n    """Say."""\n    return 1  # one\n',
        "def f(): return 1\n",
        "def f(): return 2\n",
    ]
    kinds = []
    for number, text in enumerate(texts):
        file = tmp_path / f"said_{number}.py"
        file.write_text(text)
        kinds.append(digests._content(file))
    assert kinds[0] == kinds[1] != kinds[2]


def test_a_method_of_another_package_is_told_apart_by_all_that_it_imports_of_its_own(
    opened: OpenedRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its loss may stand in a module beside it, which the first module of a digest would not see."""
    monkeypatch.syspath_prepend(str(tmp_path))
    package = tmp_path / "their_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "loss.py").write_text("FACTOR = 1\n")
    (package / "method.py").write_text("from .loss import FACTOR\n\nclass Theirs:\n    pass\n")
    module = __import__("their_package.method", fromlist=["Theirs"])
    before = digests.plugin_digest(module.Theirs, "mllmu.unlearning.methods")
    edit(monkeypatch, "their_package/loss.py")
    assert digests.plugin_digest(module.Theirs, "mllmu.unlearning.methods") != before
    for name in [name for name in sys.modules if name.startswith("their_package")]:
        del sys.modules[name]


def test_a_method_may_be_written_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its module has no file; the class's own source is taken."""
    module = ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    kind = type("Mine", (NPO,), {"__module__": "notebook"})
    monkeypatch.setattr(digests.inspect, "getsource", lambda kind: "class Mine: ...")
    assert digests.plugin_digest(kind, "mllmu.unlearning.methods") != digests.plugin_digest(
        METHODS.get("npo"), "mllmu.unlearning.methods"
    )
