"""What libraries raise where a model's files are missing, damaged, or hold other JSON than they should."""

from __future__ import annotations


def loading_errors() -> tuple[type[Exception], ...]:
    """All kinds of errors that reading configs, processors and weights ends in, for ``except``."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    return (
        OSError,
        ValueError,
        LookupError,
        ImportError,
        RuntimeError,
        SafetensorError,
        AttributeError,  # this and the next where a settings file holds a list or a number
        TypeError,
        StrictDataclassError,  # a setting of another type: "hidden_size": "192"
    )
