"""What is to be tuned, and on whom."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mllmu.errors import UserError
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe, UnlearnModality, complete_method_settings
from mllmu.study.recipe.trajectory_settings import TrajectorySettings
from mllmu.unlearning import METHODS, get_method, require_modality
from mllmu.unlearning.search_space import SearchRange

# By these, what a model is after some passes does not depend on how many will follow, the last few apart.
_FOR_ANY_LENGTH = ("constant_with_warmup", "warmup_stable_decay")
# Whom and when trials ask: few enough that asking takes no longer than unlearning.
_LOOKS = TrajectorySettings(passes=[1, 2, 3, 5, 7, 10, 14], people=25, questions=1)


@dataclass(frozen=True)
class Search:
    """What is to be tuned.

    Attributes:
        recipe: whose people, base and teaching; its own people are never asked about, but its celebrities,
            who are the same for every seed, are.
        method: a method that has a `search_space`.
        modality: what it unlearns on.
        forget_ratio: per cent of the people to forget.
        people_seed: of the other people.
        trials: how many settings to try, those of earlier calls included.
        passes: of every trial; the best number up to there is read off its trajectory. Where a method's
            states on the way are no models that forget a little less, the most that a trial may have.
        seed: of the training and of the search.
    """

    recipe: Recipe
    method: str
    modality: UnlearnModality
    forget_ratio: int
    people_seed: int
    trials: int
    passes: float
    seed: int

    @property
    def name(self) -> str:
        """What its folder is called, e.g. ``npo-text-forget10-people1001-passes14-seed0-5fa1c03b``.

        At the end stands a digest of the recipe on other people: searches of other recipes lie elsewhere.
        """
        on = f"{self.method}-{self.modality}-forget{self.forget_ratio}-people{self.people_seed}"
        recipe = self.development().model_dump(mode="json", exclude_defaults=True)
        digest = sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:8]
        return f"{on}-passes{self.passes:g}-seed{self.seed}-{digest}"

    def development(self) -> Recipe:
        """The recipe on other people of the same number.

        Raises:
            UserError: if it is about people who are not made here, or these are the ones that are scored, or
                rates of learning depend on how long is trained.
        """
        recipe = self.recipe
        if recipe.benchmark != SYNTHETIC:
            raise UserError(
                f"Settings are chosen on people who are made for it, and the recipe's benchmark is "
                f"'{recipe.benchmark}'; expected 'synthetic'."
            )
        start = self.start()
        for_any_length = start.get("schedule") in _FOR_ANY_LENGTH and not start.get("warmup_ratio")
        if get_method(self.method).is_gradual() and not for_any_length:
            raise UserError(
                f"Method '{self.method}' is tuned by its states on the way, and its rates depend on how long "
                f"it trains (schedule: {start.get('schedule')}, warmup_ratio: {start.get('warmup_ratio')}); "
                f"expected a schedule of {' or '.join(_FOR_ANY_LENGTH)}, and a warmup_ratio of 0."
            )
        if self.people_seed == recipe.synthetic.seed:
            raise UserError(
                f"--people-seed {self.people_seed} makes the people whom the recipe scores; expected another."
            )
        synthetic = recipe.synthetic.model_copy(update={"seed": self.people_seed})
        return recipe.model_copy(
            update={
                "synthetic": synthetic,
                "forget_ratios": [self.forget_ratio],
                "modalities": [self.modality],
                "methods": {self.method: self._fixed()},
                "by_modality": {},
                "further_steps": {},
                "seeds": [self.seed],
                "trajectory": _LOOKS,
            }
        )

    def _fixed(self) -> dict[str, Any]:
        """Its settings with one value for those that are searched: trials count wherever a search starts."""
        anywhere = {key: bounds.low for key, bounds in self.space.items()}
        return complete_method_settings(self.method, {**self.start(), **anywhere})

    @property
    def space(self) -> dict[str, SearchRange]:
        """Which settings are chosen, and where; passes no further than up to this search's."""
        space = dict(get_method(self.method).search_space)
        if "passes" in space:
            bounds = space["passes"]
            space["passes"] = SearchRange(min(bounds.low, self.passes), min(bounds.high, self.passes))
        return space

    def start(self) -> dict[str, Any]:
        """The recipe's settings of the method, or its defaults; this search's passes where read off.

        Raises:
            UserError: if there is no such method, or nothing of it is tuned, or not on the modality.
        """
        kind = get_method(self.method)
        if not kind.search_space:
            raise UserError(
                f"Method '{self.method}' has nothing to tune; expected one of {', '.join(tunable())}."
            )
        require_modality(kind, self.modality)
        given = self.recipe.method_settings(self.method, self.modality)
        settings = complete_method_settings(self.method, {**given, **self.passes_read_off(self.passes)})
        if "passes" not in kind.search_space:
            return settings
        tried = min(settings["passes"], self.passes)
        return complete_method_settings(self.method, {**settings, "passes": tried})

    def passes_read_off(self, passes: float) -> dict[str, float]:
        """The setting of passes where it is read off a trajectory; nothing where it is tried or lacking."""
        return {"passes": passes} if get_method(self.method).is_gradual() else {}


def tunable() -> list[str]:
    """The names of methods of which something can be tuned."""
    return [name for name in METHODS.names() if METHODS.get(name).search_space]
