"""Cache key of a model in memory: everything besides the request that can change an answer."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from mllmu.models import LoadedModel, processor_fingerprint
from mllmu.models.wrappers.wrapper import Wrapper
from mllmu.source_digest import plugin_digest, source_digest

# Of benchmarks what decodes pictures, and what wrappers compare names with.
_ANSWERED_BY = (
    "mllmu.models",
    "mllmu.inference",
    "mllmu.benchmark.images",
    "mllmu.benchmark.language",
)
# Servers answer for themselves, what lies in a store is not answered anew, and weights count by themselves.
_NO_ANSWERS = (
    "mllmu.inference.endpoint",
    "mllmu.inference.answer_cache",
    "mllmu.inference.answer_store",
    "mllmu.models.tiny",
)
_WRAPPERS = "mllmu.models.wrappers"
# Libraries that take part in computing an answer, from decoding an image to decoding tokens.
_LIBRARIES = ("mllmu", "torch", "torchvision", "transformers", "tokenizers", "pillow", "numpy")
# Neither the folder of a model nor the version that saved it changes an answer.
_UNIMPORTANT = ("_name_or_path", "transformers_version")


def model_cache_key(loaded: LoadedModel) -> str:
    """Cache key of a model: everything but the request that can change an answer, as JSON.

    It holds a fingerprint of weights, dtypes and system instruction; configuration and processor; device and
    precision of matrix products; digests of the source that answers, wrappers of others among it; and
    versions of the libraries it computes with.

    Raises:
        OSError: the source of a wrapper cannot be read.
    """
    device = loaded.device
    return json.dumps(
        {
            "weights": loaded.fingerprint,
            **configuration(loaded),
            "attention": loaded.model.config._attn_implementation,
            "processor": processor_fingerprint(loaded.processor),
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
            "matmul_precision": torch.get_float32_matmul_precision(),
            "source": source_digest(*_ANSWERED_BY, without=_NO_ANSWERS),
            "wrappers": foreign_wrappers(loaded),
            "libraries": {name: _version(name) for name in _LIBRARIES},
        },
        sort_keys=True,
        default=str,
    )


def foreign_wrappers(loaded: LoadedModel) -> list[str]:
    """Digests of the sources of a model's wrappers from other packages, whose fingerprints hold none.

    Raises:
        OSError: the source of one cannot be read.
    """
    return [plugin_digest(one, _WRAPPERS) for one in loaded.wrappers if _is_foreign(one)]


def _is_foreign(wrapper: Wrapper) -> bool:
    return not type(wrapper).__module__.startswith("mllmu.")


def configuration(loaded: LoadedModel) -> dict[str, Any]:
    """A model's configuration and generation configuration, without what cannot change an answer.

    Example:
        ::

            configuration(load_model("tiny"))["config"]["model_type"]  # 'llava'
    """
    return {
        "config": _settings(loaded.model.config),
        "generation": _settings(loaded.model.generation_config),
    }


def _version(library: str) -> str:
    """A library's version; empty if it is not installed (torchvision is optional)."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _settings(config: Any) -> dict[str, Any]:
    """A configuration as a dictionary, without its unimportant entries."""
    return {name: value for name, value in config.to_dict().items() if name not in _UNIMPORTANT}
