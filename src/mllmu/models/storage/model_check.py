"""What can be seen of a model without loading its weights."""

from __future__ import annotations

from pathlib import Path

from mllmu.errors import UserError, first_line
from mllmu.models.storage.hub_models import only_in_cache
from mllmu.models.storage.loading_errors import loading_errors
from mllmu.models.storage.model_chain import model_chain


def require_whole_weights(source: str | Path) -> None:
    """Refuse to train a model that is stored rounded, as its config says.

    Raises:
        UserError: naming how it was rounded, or its config cannot be read.
    """
    from transformers import AutoConfig

    base = model_chain(source).base
    try:
        config = AutoConfig.from_pretrained(
            base, trust_remote_code=False, local_files_only=only_in_cache(base)
        )
    except loading_errors() as error:
        raise UserError(
            f"The config of model '{source}' could not be read ({first_line(error)}); expected 'tiny', a "
            "folder with config.json, or a hub id."
        ) from error
    rounded = getattr(config, "quantization_config", None)
    if rounded:
        how = rounded.get("quant_method") if isinstance(rounded, dict) else rounded.quant_method
        raise UserError(
            f"Model '{source}' is stored with rounded weights ({how}), which cannot be trained; expected the "
            "model that it was made of, and frozen_weights: 4bit where memory is short."
        )


def check_model(source: str | Path) -> None:
    """Refuse at once what `load_model` would refuse, as far as config, processor and file names tell.

    Args:
        source: "tiny", a folder that holds a Hugging Face model and processor, or a hub id.

    Raises:
        UserError: there is no such model, no hub answers for it, it is not an image-text-to-text model, it
            lacks a file, or it is an adapter on another base than it was trained on.

    Example:
        >>> check_model("tiny")
    """
    from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING, AutoConfig, AutoProcessor

    chain = model_chain(source)
    base, cached = chain.base, only_in_cache(chain.base)
    expected = "expected 'tiny', a folder with config.json, safetensors and processor files, or a hub id"
    folder = Path(base)
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        raise UserError(f"Model '{source}' could not be loaded (no safetensors in {folder}); {expected}.")
    own = [one for one in chain.adapters if (one / "processor_config.json").is_file()]
    try:
        config = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=cached)
        AutoProcessor.from_pretrained(
            str(own[0]) if own else base,
            trust_remote_code=False,
            local_files_only=cached and not own,
        )
    except loading_errors() as error:
        raise UserError(f"Model '{source}' could not be loaded ({first_line(error)}); {expected}.") from error
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise UserError(
            f"Model '{source}' could not be loaded (it is a {config.model_type}, which reads no images and "
            f"texts together); {expected}."
        )
    if folder.is_dir():  # what lies on a hub is compared when it was downloaded
        chain.require_recorded()
