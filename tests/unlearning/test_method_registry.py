"""Protects what users write: names and settings of methods, and what they are told about mistakes."""

from __future__ import annotations

import pytest

from mllmu.errors import UserError
from mllmu.unlearning import METHODS, get_method, make_method, method_names


def test_the_papers_five_baselines_are_there() -> None:
    """Before all others, whose coming must not change the order and colours of tables and figures."""
    assert method_names()[:6] == ["ga", "grad_diff", "kl_min", "npo", "prompting", "prompting_names"]
    assert [get_method(name).name for name in method_names()] == method_names()
    assert all(method.description for method in METHODS.all())


@pytest.mark.parametrize(
    ("name", "hint"),
    [("grad-diff", "grad_diff"), ("NPO", "npo"), ("promting", "prompting"), ("xyz", "expected one of ga")],
)
def test_near_names_are_suggested(name: str, hint: str) -> None:
    with pytest.raises(UserError, match=f"unknown unlearning method '{name}'.*{hint}"):
        get_method(name)


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("npo", {"bta": 1}, "Method 'npo': there is no setting 'bta': did you mean 'beta'"),
        ("ga", {"beta": 1}, "Method 'ga': there is no setting 'beta'"),
        ("npo", {"beta": 0}, "'beta' is 0, but should be greater than 0"),
        ("grad_diff", {"alpha": "much"}, "'alpha' is 'much', but should be a valid number"),
        ("kl_min", {"passes": float("nan")}, "'passes' is nan, but should be"),
        ("kl_min", {"passes": float("inf")}, "'passes' is inf, but should be"),
        ("ga", {"passes": 0}, "'passes' is 0, but should be greater than 0"),
        ("ga", {"forget_tokens": "all"}, "'forget_tokens' is 'all', but should be 'answer', 'new' or"),
        ("kl_min", {"learning_rate": float("inf")}, "'learning_rate' is inf, but should be"),
        ("lumoe", {"learning_rate": 1.0}, "'learning_rate' is 1.0, but should be less than 1"),
        ("steering", {"strength": float("inf")}, "'strength' is inf, but should be a finite number"),
        ("po", {"forget_tokens": "value"}, "'forget_tokens' is 'value', but should be 'answer'"),
        ("retain_ft", {"forget_tokens": "new"}, "'forget_tokens' is 'new', but should be 'answer'"),
        ("smfa", {"forget_tokens": "value"}, "'forget_tokens' is 'value', but should be 'answer'"),
        ("mip_editor", {"train_projector": True}, "'train_projector' is True, but should be False"),
        ("null_space", {"train_projector": True}, "'train_projector' is True, but should be False"),
        ("multidelete", {"train_projector": True}, "'train_projector' is True, but should be False"),
        ("multidelete", {"sine_projector": True}, "'sine_projector' is True, but should be False"),
        ("multidelete", {"train_vision": True}, "'train_vision' is True, but should be False"),
        ("prompting", {"learning_rate": 1e-4}, "no setting 'learning_rate': expected one of instruction"),
        ("prompting", {"instruction": ""}, "'instruction' is '', but"),
        ("prompting", {"instruction": " \n"}, "'instruction' is ' .*', but"),
    ],
)
def test_mistakes_in_settings_name_method_field_and_expectation(
    name: str, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        make_method(name, settings)


def test_defaults_are_those_of_the_papers() -> None:
    """METHODS.md: lr 2e-5, one pass, batches of four; weights 1; NPO beta 0.1 without a retain term."""
    for name in ("ga", "grad_diff", "kl_min", "npo"):
        settings = make_method(name, {}).settings
        assert (settings.learning_rate, settings.passes, settings.batch_size) == (2e-5, 1, 4)
    assert (make_method("grad_diff", {}).settings.gamma, make_method("grad_diff", {}).settings.alpha) == (
        1,
        1,
    )
    assert make_method("kl_min", {}).settings.alpha == 1
    assert (make_method("npo", {}).settings.beta, make_method("npo", {}).settings.alpha) == (0.1, 0)


@pytest.mark.usefixtures("started_for_fsdp")
def test_under_fsdp_every_loss_of_predictions_is_trained() -> None:
    """And what learns from hidden states, steers weights by masks or trains a second model is refused."""
    refused = set()
    for name in method_names():
        try:
            make_method(name, {})
        except UserError as error:
            assert "needs the whole model" in str(error)
            refused.add(name)
    by_states = {"rmu", "multidelete"}
    by_masks = {"salun", "mmunlearner", "mip_editor", "null_space", "smfa", "task_vector"}
    with_a_second_model = {"uld", "offset", "lumoe"}
    assert refused == by_states | by_masks | with_a_second_model
