"""Looking once whether models of a kind support prefix sharing, where many are asked little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory import transformers_engine
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.models import LoadedModel


@pytest.fixture(scope="package", autouse=True)
def prefix_sharing_is_looked_at_once() -> Iterator[None]:
    """Each engine looks for itself, which takes longer than what tests ask; see ``tests/inference``."""
    look = transformers_engine.sharing_engine
    ways: dict[tuple[object, ...], bool | None] = {}

    def remembered(loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> SharedPrefixes | None:
        model = loaded.model
        wrapped = tuple(map(type, loaded.wrappers))
        kind = type(model), model.config.to_json_string(), model.dtype, model.device, wrapped
        if kind not in ways:
            engine = look(loaded, limits, counts)
            ways[kind] = None if engine is None else engine.masks.bidirectional_images
        way = ways[kind]
        return None if way is None else SharedPrefixes(loaded, way, limits, counts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformers_engine, "sharing_engine", remembered)
        yield
