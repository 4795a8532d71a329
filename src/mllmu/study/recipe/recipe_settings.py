"""The recipe: everything an experiment needs to be repeated, as one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mllmu.errors import UserError
from mllmu.evaluation import VIEWS, get_protocol
from mllmu.models import BUILT_IN_MODELS, built_in_model
from mllmu.study.recipe.evaluation_settings import EvaluationSettings, SettingSeed, StudySettings
from mllmu.study.recipe.trajectory_settings import TrajectorySettings
from mllmu.study.recipe.tuned_settings import settings_by_name, with_tuned_settings
from mllmu.suggest import unknown
from mllmu.training import TrainingSettings, parse_settings
from mllmu.unlearning import FURTHER_STEPS, get_method, require_modality
from mllmu.unlearning.method import Procedure
from mllmu.visible_text import brief
from mllmu.yaml_reading import RepeatedSettingError, dump_yaml, parse_yaml

SYNTHETIC = "synthetic"
_LISTS = ("forget_ratios", "forget_attributes", "modalities", "seeds", "views")
UnlearnModality = Literal["image_text", "text", "both"]


class SyntheticSettings(StudySettings):
    """Which fictitious people to make, when ``benchmark`` is ``synthetic``.

    Attributes:
        profiles: fictitious people that are fine-tuned on.
        celebrities: people the built-in base model knows already (it knows 153, of seed 0).
        holdout: people no model ever sees in training.
        seed: seed of the people themselves; training has its own seeds.
        image_size: side of the original portraits in pixels.
        test_image_size: side of the test portraits in pixels.
    """

    profiles: int = Field(default=100, ge=2)
    celebrities: int = Field(default=30, ge=0)
    holdout: int = Field(default=10, ge=0)
    seed: SettingSeed = 0
    image_size: int = Field(default=256, ge=16, le=4096)
    test_image_size: int = Field(default=256, ge=16, le=4096)


class Recipe(StudySettings):
    """One whole experiment.

    Attributes:
        benchmark: ``synthetic``, a folder in the released layout, or a hub id.
        synthetic: the people to make; read only if ``benchmark`` is ``synthetic``.
        model: ``tiny``, a model folder, or a hub id: the base that is fine-tuned.
        fine_tuning: settings of ``vanilla`` and ``retrained``.
        methods: method name -> its settings; {} where only vanilla and retrained are wanted.
        by_modality: what a method's settings are otherwise when it unlearns on a modality: modality -> method
            name -> single settings. What forgets names in few passes may leave faces as they are.
        further_steps: what is done to vanilla, retrained and all unlearned models afterwards, each by itself:
            name of a further step -> its settings. It makes one more model of each, judged like the others.
        forget_ratios: per cent of the fictitious people to forget, one comparison each.
        forget_attributes: what of the people to forget is to be forgotten, e.g. ``profession``; everything
            where there are none.
        split_seed: draws whom to forget; null takes the benchmark's own splits, and draws where it has none.
        modalities: what the methods unlearn on; each on those that it can (`mllmu list methods`).
        protocol: how questions are put, decoded and parsed.
        demonstrators: who answers questions before a model is asked, in the protocol's own words (``strict``:
            ids with commas between them, or ``draw:N``); empty for the protocol's default.
        views: further ways of showing people, under which the questions about the original portrait are asked
            as well; see ``mllmu list views``.
        trajectory: what models are asked on the way; null for nothing.
        seeds: one repetition of training and unlearning for each.
        evaluation: how answers are scored.
    """

    benchmark: str = SYNTHETIC
    synthetic: SyntheticSettings = Field(default_factory=SyntheticSettings)
    model: str = "tiny"
    fine_tuning: TrainingSettings = Field(default_factory=TrainingSettings)
    methods: dict[str, dict[str, Any]]
    by_modality: dict[UnlearnModality, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    further_steps: dict[str, dict[str, Any]] = Field(default_factory=dict)
    forget_ratios: list[Annotated[int, Field(ge=1, le=99)]] = Field(default=[10], min_length=1)
    forget_attributes: list[str] = Field(default_factory=list)
    split_seed: SettingSeed | None = None
    modalities: list[UnlearnModality] = Field(default=["both"], min_length=1)
    protocol: str = "strict"
    demonstrators: str = ""
    views: list[str] = Field(default_factory=list)
    trajectory: TrajectorySettings | None = None
    seeds: list[SettingSeed] = Field(default=[0], min_length=1)
    evaluation: EvaluationSettings = Field(default_factory=EvaluationSettings)

    @field_validator("methods", "further_steps", mode="before")
    @classmethod
    def _write_settings_out(cls, chosen: object, info: ValidationInfo) -> object:
        """Accept a list of names, and write everybody's settings out in full."""
        chosen = settings_by_name(chosen)
        if not isinstance(chosen, Mapping):
            return chosen
        complete = complete_method_settings if info.field_name == "methods" else complete_step_settings
        return {str(name): complete(str(name), given) for name, given in chosen.items()}

    @field_validator("views")
    @classmethod
    def _check_views(cls, views: list[str]) -> list[str]:
        return [VIEWS.get(name).name for name in views]

    @field_validator("protocol")
    @classmethod
    def _check_protocol(cls, protocol: str) -> str:
        return get_protocol(protocol).name

    @model_validator(mode="after")
    def _check_modalities(self) -> Recipe:
        """Refuse settings for a modality that do not fit a method, and methods of which none fits."""
        for modality, of_method in self.by_modality.items():
            for method in of_method:
                self.method_settings(method, modality)
        if self.methods and self.methods_left_out == list(self.methods):
            require_modality(get_method(self.methods_left_out[0]), self.modalities[0])
        return self

    @property
    def methods_left_out(self) -> list[str]:
        """The methods that unlearn on none of the modalities."""
        return [one for one in self.methods if not set(self.modalities) & set(get_method(one).modalities)]

    def method_settings(self, method: str, modality: UnlearnModality) -> dict[str, Any]:
        """All settings of a method when it unlearns on a modality; its defaults where the recipe has none.

        Raises:
            UserError: if the method or a setting does not exist, or a value does not fit.
        """
        changes = self.by_modality.get(modality, {}).get(method, {})
        return complete_method_settings(method, {**self.methods.get(method, {}), **changes})

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        """Let ``--set seeds=3`` mean a list of one."""
        return value if isinstance(value, list) else [value]

    @field_validator(*_LISTS)
    @classmethod
    def _no_entry_twice(cls, values: list[Any]) -> list[Any]:
        """Keep repeated entries out, however they were written."""
        return list(dict.fromkeys(values))


def complete_method_settings(method: str, given: object) -> dict[str, Any]:
    """A method's settings with its defaults filled in.

    Raises:
        UserError: if the method or one of the settings does not exist or does not fit.
    """
    return _complete(f"method {method!r}", get_method(method), given)


def complete_step_settings(name: str, given: object) -> dict[str, Any]:
    """A further step's settings with its defaults filled in; raises as `complete_method_settings`."""
    return _complete(f"further step {name!r}", FURTHER_STEPS.get(name), given)


def _complete(title: str, procedure: type[Procedure], given: object) -> dict[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise UserError(f"settings of {title} are a mapping of names to values, got {brief(given)}")
    capitalised = f"{title[0].upper()}{title[1:]}"
    return parse_settings(capitalised, procedure.settings_type, dict(given or {})).model_dump(mode="json")


def parse_recipe(data: Mapping[str, Any], source: str) -> Recipe:
    """Check a recipe's data.

    Args:
        data: what a YAML file holds; under ``tuned`` it may name settings that come with the package.
        source: the file or preset it came from, for messages.

    Raises:
        UserError: naming the first setting that does not exist or does not fit.
    """
    try:
        return Recipe.model_validate(with_tuned_settings(data))
    except ValidationError as error:
        raise _as_user_error(error, Recipe, source) from None
    except UserError as error:  # of a method, protocol or view, which knows nothing of the file
        raise UserError(f"{source}: {error}") from None


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        UserError: if the file cannot be read or is not a valid recipe.

    Example:
        ::

            recipe = load_recipe(Path("runs/quick/recipe.yaml"))
    """
    return parse_recipe(read_yaml(path), str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises:
        UserError: if it cannot be read or holds something else.
    """
    try:
        data = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise UserError(f"recipe {path} cannot be read: {reason}") from None
    except RepeatedSettingError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "one place"
        raise UserError(f"recipe {path}, {line}: {error.problem}; expected every setting once") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else f" ({error})"
        raise UserError(f"recipe {path} is not valid YAML{line}") from None
    if not isinstance(data, dict):
        raise UserError(f"recipe {path} must hold a mapping of settings, got {type(data).__name__}")
    return data


def check_rehearsal(model: str, settings: TrainingSettings) -> None:
    """Keep celebrities from being taught as something new and then scored as something known.

    Raises:
        UserError: if a model is to rehearse the synthetic celebrities without having read about them.
    """
    built_in = built_in_model(model)
    if settings.rehearsal and not (built_in and built_in.has_read_about_celebrities):
        able = [other.name for other in BUILT_IN_MODELS if other.has_read_about_celebrities]
        raise UserError(
            f"fine-tuning's setting 'rehearsal' is {settings.rehearsal}, and model {model!r} has never read "
            f"of the people it is about; expected 0, or model {' or '.join(able)}"
        )


def dump_recipe(recipe: Recipe) -> str:
    """The recipe as YAML, every default written out, always in the same order.

    Settings stand under ``methods`` wherever a method has the same for all modalities, so that whoever edits
    them there changes what is done; under ``by_modality`` there are only those that differ.
    """
    return dump_yaml(_plainest(recipe).model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _plainest(recipe: Recipe) -> Recipe:
    """The recipe that asks for the same with as few settings by modality as possible."""
    methods = dict(recipe.methods)
    by_modality: dict[UnlearnModality, dict[str, dict[str, Any]]] = {}
    for method in methods:
        ways = [way for way in recipe.modalities if way in get_method(method).modalities]
        settings = {way: recipe.method_settings(method, way) for way in ways}
        if not ways:  # it is left out of this recipe, and may be taken where others are unlearned on
            continue
        if all(each == settings[ways[0]] for each in settings.values()):
            methods[method] = settings[ways[0]]
            continue
        for way, chosen in settings.items():
            differing = {name: value for name, value in chosen.items() if value != methods[method][name]}
            by_modality.setdefault(way, {})[method] = differing
    return recipe.model_copy(update={"methods": methods, "by_modality": by_modality})


def _as_user_error(error: ValidationError, model: type[BaseModel], source: str) -> UserError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    dotted = ".".join(path)
    if first["type"] == "extra_forbidden":
        kind = f"setting {'.'.join(path[:-1])}" if path[:-1] else "setting"
        hint = unknown(kind.strip(), path[-1], _fields_at(model, path[:-1]))
        return UserError(f"{source}: {hint}")
    fault = first["msg"].removeprefix("Value error, ")
    message = fault[:1].lower() + fault[1:]
    return UserError(f"{source}: setting {dotted!r}: {message}, got {brief(first['input'])}")


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(part)
        kinds = (get_args(field.annotation) or (field.annotation,)) if field else ()  # X | None has two
        nested = [kind for kind in kinds if isclass(kind) and issubclass(kind, BaseModel)]
        if not nested:
            return []
        model = nested[0]
    return list(model.model_fields)
