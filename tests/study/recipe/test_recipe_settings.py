"""Protects: a recipe says everything, and a mistake in it is told in one sentence that names the place."""

from dataclasses import replace
from importlib.resources import files

import pytest
import yaml

from mllmu.errors import UserError
from mllmu.models import BUILT_IN_MODELS
from mllmu.study import Recipe, dump_recipe, load_recipe, make_recipe, method_settings, preset_names
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.recipe.recipe_settings import check_rehearsal
from mllmu.training import TrainingSettings
from mllmu.unlearning import METHODS


def test_presets_are_the_ones_that_were_promised():
    of_real_models = ["idefics2-8b", "llama-3.2-vision-11b", "llava-1.5-7b", "qwen2.5-vl-3b"]
    of_real_models += ["qwen2.5-vl-7b", "smolvlm"]
    assert preset_names() == sorted(["all-methods", "audit", "finding", "paper", "quick", *of_real_models])
    quick, paper = make_recipe("quick"), make_recipe("paper")
    people = quick.synthetic
    assert (people.profiles, people.celebrities, people.holdout) == (100, 30, 10)
    assert (quick.forget_ratios, quick.modalities) == ([10], ["both"])
    people = paper.synthetic
    assert (people.profiles, people.celebrities, people.holdout) == (500, 153, 50)
    assert (people.image_size, people.test_image_size) == (1024, 512)
    assert paper.forget_ratios == [5, 10, 15]
    assert paper.modalities == ["image_text", "text", "both"]
    assert set(paper.methods) == {"ga", "grad_diff", "kl_min", "npo", "prompting", "prompting_names"}


def test_the_preset_of_all_methods_leaves_none_out():
    preset = make_recipe("all-methods")
    assert preset.modalities == ["image_text", "text", "both"] and len(preset.seeds) == 3
    assert set(preset.methods) == set(METHODS.names())


def asked_by(recipe):
    """What a recipe asks for, wherever settings stand."""
    settings = {
        (method, way): recipe.method_settings(method, way)
        for method in recipe.methods
        for way in recipe.modalities
        if way in METHODS.get(method).modalities
    }
    return recipe.model_copy(update={"methods": {}, "by_modality": {}}), settings


def test_settings_that_are_edited_where_methods_stand_take_effect(tmp_path):
    """Those of one modality stand there; of several that differ, whoever would change nothing is told."""
    file = tmp_path / "recipe.yaml"
    file.write_text(dump_recipe(make_recipe("quick")))
    assert make_recipe("quick").by_modality and not load_recipe(file).by_modality
    edited = make_recipe(None, file, ["methods.npo.beta=0.77"])
    assert edited.method_settings("npo", "both")["beta"] == 0.77
    file.write_text(dump_recipe(make_recipe("finding")))
    for assignment in ("methods.npo.beta=0.77", "methods.npo.learning_rate=1e-5"):
        with pytest.raises(UserError, match=r"would change nothing on \w+, .* expected --set by_modality\."):
            make_recipe(None, file, [assignment])
    own = make_recipe(None, file, ["by_modality.text.npo.beta=0.77"])
    assert own.method_settings("npo", "text")["beta"] == 0.77


def test_what_is_written_is_complete_and_reads_back_equal(tmp_path):
    recipe = make_recipe("quick", assignments=["methods=[npo]"])
    file = tmp_path / "recipe.yaml"
    file.write_text(dump_recipe(recipe))
    assert asked_by(load_recipe(file)) == asked_by(recipe)
    preset = yaml.safe_load((files("mllmu.study.recipe") / "presets" / "quick.yaml").read_text())["methods"][
        "npo"
    ]
    defaults = METHODS.get("npo").settings_type().model_dump(mode="json")
    assert recipe.methods == {"npo": {**defaults, **preset}}
    assert "learning_rate" in dump_recipe(recipe).split("methods:")[0]


@pytest.mark.parametrize("preset", preset_names())
def test_what_is_written_is_read_to_the_letter(preset, tmp_path):
    """A default of 1 that is read back as 1.0 makes another stage, and all that hangs on it is done again."""
    written = dump_recipe(make_recipe(preset))
    file = tmp_path / "recipe.yaml"
    file.write_text(written)
    assert dump_recipe(load_recipe(file)) == written


def test_overrides_reach_nested_settings_and_read_yaml_values():
    recipe = make_recipe(
        "quick",
        assignments=[
            "fine_tuning.learning_rate=1e-3",
            "forget_ratios=[5, 10]",
            "seeds=3",
            "methods.npo.beta=0.4",
        ],
    )
    assert recipe.fine_tuning.learning_rate == 0.001
    assert recipe.forget_ratios == [5, 10]
    assert recipe.seeds == [3]
    assert recipe.methods["npo"]["beta"] == 0.4


def test_picking_methods_keeps_their_settings():
    preset = make_recipe("quick")
    steps = ["further_steps=[int4, relearn_retain]", "further_steps.relearn_retain.epochs=2"]
    assert make_recipe("quick", assignments=steps).further_steps["relearn_retain"]["epochs"] == 2
    picked = make_recipe("quick", assignments=["methods=[npo, ga]", "methods.npo.beta=0.4"])
    assert list(picked.methods) == ["npo", "ga"]
    assert picked.methods["ga"] == preset.methods["ga"]
    assert picked.methods["npo"] == {**preset.methods["npo"], "beta": 0.4}


def test_one_method_by_name_keeps_its_settings():
    picked = make_recipe("quick", assignments=["methods=npo"])
    assert picked.methods == {"npo": make_recipe("quick").methods["npo"]}


@pytest.mark.parametrize("block", ["fine_tuning", "synthetic", "trajectory", "evaluation"])
def test_names_do_not_pick_among_single_settings(block):
    with pytest.raises(UserError, match=f"'{block}'"):
        make_recipe("quick", assignments=[f"{block}=[]"])


def test_entries_that_are_the_same_when_read_stand_once():
    twice = ["seeds=[0, 0.0, 1]", "forget_ratios=['10', 10]"]
    recipe = make_recipe("quick", assignments=twice)
    assert (recipe.seeds, recipe.forget_ratios) == ([0, 1], [10])


def test_what_to_record_is_nothing_one_name_or_several():
    """In one order, so that one thing has one recipe."""
    assert make_recipe("quick").evaluation.record == []
    one = make_recipe("quick", assignments=["evaluation.record=token_moments"])
    assert one.evaluation.record == ["token_moments"]
    both = make_recipe("quick", assignments=["evaluation.record=[token_moments, gradient_norms]"])
    assert both.evaluation.record == ["gradient_norms", "token_moments"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("017", "017"),
        ("018", "018"),
        ("'017'", "017"),
        ("017,042", "017,042"),
        ("draw:2", "draw:2"),
    ],
)
def test_demonstrators_stay_text(said, kept):
    """YAML reads 017 as the octal number 15, and 018 looks like 18.0."""
    assert make_recipe("quick", assignments=[f"demonstrators={said}"]).demonstrators == kept


def test_file_takes_the_place_of_a_preset(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("methods: [ga]\nforget_ratios: 20\n")
    recipe = make_recipe(file=file, assignments=["split_seed=7"])
    assert isinstance(recipe, Recipe)
    assert (list(recipe.methods), recipe.forget_ratios, recipe.split_seed) == (["ga"], [20], 7)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("epochs=3", ["unknown setting 'epochs'"]),
        ("fine_tuning.epoch=3", ["fine_tuning", "'epochs'"]),
        ("fine_tuning.lora.ranc=3", ["setting fine_tuning.lora 'ranc'", "expected one of r, alpha"]),
        ("trajectory.foo=3", ["setting trajectory 'foo'", "expected one of passes"]),
        ("synthetic.profile=3", ["synthetic", "'profiles'"]),
        ("synthetic.profiles=many", ["'synthetic.profiles'", "'many'"]),
        ("forget_ratios=[0]", ["forget_ratios", "0"]),
        ("modalities=[faces]", ["modalities", "'faces'"]),
        ("methods=multidelete", ["'multidelete' cannot unlearn on modality 'both'", "expected image_text"]),
        ("methods=[nop]", ["'nop'", "npo"]),
        ("methods.npo.bta=1", ["npo", "'bta'", "beta"]),
        ("by_modality.text.npo.bta=1", ["npo", "'bta'", "beta"]),
        ("by_modality.text.nop.beta=1", ["'nop'", "npo"]),
        ("by_modality.faces.npo.beta=1", ["by_modality", "'faces'"]),
        ("trajectory.passes=[0]", ["trajectory.passes", "0"]),
        ("trajectory.people=1", ["trajectory.people", "1"]),
        ("methods.npo.passes=0", ["npo", "'passes'", "0"]),
        ("protocol=strictest", ["'strictest'", "strict"]),
        ("evaluation.record=[token_moment]", ["thing to record 'token_moment'", "'token_moments'"]),
        ("evaluation.record={a: 1}", ["evaluation.record", "list"]),
        ("fine_tuning.frozen_weights=4bit", ["'fine_tuning.frozen_weights': should be null without 'lora'"]),
        ("methods.npo=3", ["settings of method 'npo' are a mapping of names to values, got 3"]),
        ("further_steps.int4=[1]", ["settings of further step 'int4' are a mapping of names to values, got"]),
        ("seeds", ["'seeds'", "key=value"]),
        ("seeds=[1", ["not valid YAML"]),
        ("seeds=2020-13-45", ["not valid YAML"]),
        ("fine_tuning={epochs: 1, epochs: 2}", ["the key 'epochs' stands twice"]),
        ("model.name=tiny", ["'model'", "no settings"]),
    ],
)
def test_mistakes_are_told_in_one_sentence(assignment, words):
    with pytest.raises(UserError) as caught:
        make_recipe("quick", assignments=[assignment])
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: 2020-13-45", ["not valid YAML", "month"]),
        ("seeds: !!int many", ["not valid YAML"]),
        ("seeds: " + "1" * 5000, ["not valid YAML"]),
        ("seeds: " + "[" * 3000, ["not valid YAML", "deep"]),
        ("seeds: &a [*a]", ["not valid YAML", "deep"]),
        (
            "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
            "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d]",
            ["aliases"],
        ),
        ("methods:\n  npo: {beta: 1}\n  ga: {}\n  npo: {}", ["line 4", "the key 'npo' stands twice"]),
        ("seeds: [{a: &a {b: 1, b: 1}}, *a]", ["line 1", "the key 'b' stands twice"]),
        ("methods: [nop]", ["npo"]),
        ("methods: [ga", ["not valid YAML"]),
        ("- ga\n", ["mapping"]),
        ("protocol: strict\n", ["methods"]),
    ],
)
def test_damaged_recipe_file_names_the_file(tmp_path, text, words):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(UserError) as caught:
        load_recipe(file)
    for word in ["broken.yaml", *words]:
        assert word in str(caught.value)


def test_what_is_merged_in_may_be_replaced(tmp_path):
    """YAML's own way of sharing settings says which of the two values is meant."""
    file = tmp_path / "shared.yaml"
    file.write_text(
        "methods:\n  ga: &quick {batch_size: 2, weight_decay: 0.1}\n  npo: {<<: *quick, batch_size: 3}\n"
    )
    methods = load_recipe(file).methods
    assert [methods[name]["batch_size"] for name in ("ga", "npo")] == [2, 3]
    assert {methods[name]["weight_decay"] for name in ("ga", "npo")} == {0.1}


def test_unknown_preset_names_near_ones():
    with pytest.raises(UserError, match=r"unknown preset 'quik': did you mean 'quick'\?"):
        make_recipe("quik")


def test_a_preset_without_a_method_names_those_it_has():
    with pytest.raises(UserError, match=r"preset 'quick' has no settings for method 'rmu'; it has ga, .*npo"):
        method_settings("rmu", "both", "quick", [])


def test_missing_recipe_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.yaml"):
        load_recipe(tmp_path / "nowhere.yaml")


def test_rehearsal_needs_a_model_that_has_read_about_celebrities(monkeypatch):
    """Being built in is not enough: what counts is what the model was pre-trained on."""
    settings = TrainingSettings(rehearsal=2)
    check_rehearsal("tiny", settings)
    with pytest.raises(UserError, match=r"'owner/name' has never read .* expected 0, or model tiny"):
        check_rehearsal("owner/name", settings)
    unread = replace(BUILT_IN_MODELS[0], name="blank", has_read_about_celebrities=False)
    monkeypatch.setattr("mllmu.models.storage.built_in_models.BUILT_IN_MODELS", (unread,))
    with pytest.raises(UserError, match="'blank' has never read"):
        check_rehearsal("blank", settings)


def test_a_modality_changes_single_settings_of_a_method():
    """The others stay the method's; methods that are not compared do not disturb."""
    changes = [
        "tuned=null",
        "methods.npo.beta=0.3",
        "by_modality.text.npo.passes=3",
        "by_modality.text.ga.passes=2",
    ]
    recipe = make_recipe("quick", assignments=[*changes, "methods=npo"])
    own, on_text = (recipe.method_settings("npo", modality) for modality in ("both", "text"))
    assert own["passes"] != 3
    assert on_text == {**own, "passes": 3}
    plan = {each.lineage.unlearn_modality: each.settings for each in plan_models(recipe) if each.parent}
    assert plan == {"both": own}
    both = make_recipe("quick", assignments=[*changes, "methods=npo", "modalities=[both, text]"])
    plan = {each.lineage.unlearn_modality: each.settings for each in plan_models(both) if each.parent}
    assert plan == {"both": own, "text": on_text}


def test_a_recipe_may_have_no_methods_if_it_says_so():
    recipe = make_recipe("quick", assignments=["methods={}"])
    assert [each.lineage.model for each in plan_models(recipe)] == ["vanilla", "retrained"]


def test_passes_of_a_trajectory_are_in_order_and_each_once():
    assert make_recipe("quick", assignments=["trajectory.passes=[5, 1, 5]"]).trajectory.passes == [1, 5]
