"""A model's modules and shapes without its weights, to see beforehand what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mllmu.errors import UserError, first_line
from mllmu.models.storage.hub_models import only_in_cache
from mllmu.models.storage.loading_errors import loading_errors
from mllmu.models.storage.model_chain import model_chain
from mllmu.models.storage.model_loading import LoadedModel, wrap_model


def weightless_model(source: str | Path) -> LoadedModel:
    """A model as `load_model` gives it, all of whose weights are on the meta device: shapes and no numbers.

    Args:
        source: "tiny", a folder that holds a Hugging Face model and processor, or a hub id; of adapters, the
            base is given, which has the same shapes.

    Raises:
        UserError: config or processor cannot be read.

    Example:
        >>> weightless_model("tiny").model.num_parameters() < 6_000_000
        True
    """
    from accelerate import init_empty_weights
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

    base = model_chain(source).base
    cached = only_in_cache(base)
    try:
        config = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=cached)
        processor = AutoProcessor.from_pretrained(base, trust_remote_code=False, local_files_only=cached)
        with init_empty_weights(include_buffers=True):
            model: Any = AutoModelForImageTextToText.from_config(config)
    except loading_errors() as error:
        raise UserError(
            f"The size of model '{source}' cannot be told ({first_line(error)}); expected a folder with "
            "config.json and processor files, or a hub id."
        ) from error
    return wrap_model(model.eval(), processor, str(source))
