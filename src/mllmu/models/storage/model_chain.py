"""What a stored model consists of: adapters, the model below them, and whether it is the recorded one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mllmu.errors import UserError
from mllmu.models.storage.adapters import adapter_folder
from mllmu.models.storage.built_in_models import BUILT_IN_MODELS
from mllmu.models.storage.hub_models import only_in_cache
from mllmu.models.storage.model_settings import SETTINGS_FILE, read_settings
from mllmu.models.storage.model_source import adapters_of, holds_whole_model, model_location
from mllmu.models.storage.stored_digests import (
    Stamp,
    adapter_digest,
    adapter_stamps,
    model_digest,
    model_stamps,
)

BASES = "bases"
"""Key in a model's settings: digests of all that its adapter stands on, the nearest first."""


@dataclass(frozen=True)
class ModelChain:
    """A stored model in parts.

    Attributes:
        adapters: folders of adapters (PEFT), the last to apply first; none for a model that is stored whole.
        base: the folder or hub id of the model below them.
    """

    adapters: tuple[Path, ...]
    base: str

    @property
    def locations(self) -> list[str]:
        """All parts, the last to apply first."""
        return [*map(str, self.adapters), self.base]

    @property
    def is_adapter_alone(self) -> bool:
        """Whether the last to apply is an adapter without a whole model beside it."""
        return bool(self.adapters) and not holds_whole_model(self.adapters[0])

    def digests(self) -> list[str]:
        """For each of `locations` a digest of the model up to there; where files lie does not count.

        Raises:
            UserError: if weights are damaged.
        """
        digests = [model_digest(self.base)]
        for adapter in reversed(self.adapters):
            digests.insert(0, adapter_digest(adapter, digests[0]))
        return digests

    def stamps(self) -> tuple[Stamp, ...]:
        """Path, size and time of change of every file that `digests` reads.

        Raises:
            UserError: if weights are missing.
            OSError: if a file cannot be looked at.
        """
        of_adapters = (stamp for adapter in self.adapters for stamp in adapter_stamps(adapter))
        return (*of_adapters, *model_stamps(self.base))

    def require_recorded(self) -> None:
        """Check that adapters stand on what they were trained on, as far as their folders record it.

        Raises:
            UserError: if one stands on something else, which is named.
        """
        records = [_recorded(folder) for folder in self.adapters]
        if not any(records):
            return
        digests = self.digests()
        for position, record in enumerate(records):
            below = digests[position + 1 :]
            if record and record != below:
                pairs = zip(record, below, strict=False)
                others = [number for number, (one, other) in enumerate(pairs) if one != other]
                named = self.locations[position + 1 + max(others, default=0)]
                raise UserError(
                    f"The adapter in {self.adapters[position]} was trained on other weights than {named} "
                    f"holds now; expected those whose digest its {SETTINGS_FILE} records."
                )


def model_chain(source: str | Path) -> ModelChain:
    """The parts of a model; adapters on a hub are downloaded, and nothing else is.

    Args:
        source: a built-in model's name, a folder, or a hub id.

    Raises:
        UserError: there is no such model, an adapter has no base, or one from a hub names a folder of this
            machine that is no built-in model.
    """
    adapters: list[Path] = []
    location, seen = model_location(source), set[str]()
    while location not in seen:
        seen.add(location)
        folder = adapter_folder(location, only_in_cache(location))
        more, base = adapters_of(folder)
        adapters += more
        ours = {model.path for model in BUILT_IN_MODELS}
        below = [str(one) for one in (*more[1:], base) if str(one) != folder and str(one) not in ours]
        if more and folder != location and (here := [one for one in below if Path(one).is_dir()]):
            raise UserError(
                f"The adapter '{location}' comes from a hub and names a folder here, {here[0]}, as its base; "
                "expected a hub id."
            )
        location = base
        if not more or Path(base).is_dir():
            return ModelChain(tuple(adapters), base)
    raise UserError(f"The adapter '{location}' is its own base; expected the base's folder or hub id.")


def _recorded(folder: Path) -> list[str]:
    """What an adapter's folder records of all that it stands on; nothing if another program wrote it."""
    record = read_settings(str(folder)).get(BASES, [])
    if not isinstance(record, list) or not all(isinstance(one, str) for one in record):
        raise UserError(f"{folder / SETTINGS_FILE} holds no list of digests as '{BASES}'; expected one.")
    return record
