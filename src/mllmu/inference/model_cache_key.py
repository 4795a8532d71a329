"""What tells the answers of a model in memory from those of all others."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from mllmu.models import LoadedModel, processor_fingerprint

ENGINE_VERSION = 1
"""Raised whenever the engine comes to give other answers for the same model and request."""

# What computes an answer, from the decoding of a picture to that of the tokens.
_LIBRARIES = ("mllmu", "torch", "torchvision", "transformers", "tokenizers", "pillow", "numpy")
# Where a model lies changes nothing, nor who wrote it down.
_UNIMPORTANT = ("_name_or_path", "transformers_version")


def model_identity(loaded: LoadedModel) -> str:
    """Everything but the request that can change an answer, as JSON.

    Weights with their types and the system instruction; configuration and processor; the device and how
    precise its products are; versions of the engine and of the libraries that compute.
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
            "engine": ENGINE_VERSION,
            "libraries": {name: _version(name) for name in _LIBRARIES},
        },
        sort_keys=True,
        default=str,
    )


def configuration(loaded: LoadedModel) -> dict[str, Any]:
    """How a model computes with its weights, and how it generates unless told otherwise."""
    return {
        "config": _settings(loaded.model.config),
        "generation": _settings(loaded.model.generation_config),
    }


def _version(library: str) -> str:
    """A library's version; empty where it is not installed (torchvision need not be)."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _settings(config: Any) -> dict[str, Any]:
    """A configuration's values."""
    return {name: value for name, value in config.to_dict().items() if name not in _UNIMPORTANT}
