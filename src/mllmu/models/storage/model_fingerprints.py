"""Hex digests by which two models, or two processors, are recognised as the same."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn


def weights_fingerprint(model: nn.Module, extra: str = "") -> str:
    """SHA-256 over a model's weights.

    Args:
        model: its parameters and buffers count with their names, types, shapes and bytes, on any device.
        extra: a text that counts, too, such as the system prompt.

    Returns:
        64 hexadecimal digits.
    """
    return tensors_fingerprint(sorted(model.state_dict().items()), extra)


def tensors_fingerprint(tensors: Iterable[tuple[str, torch.Tensor]], extra: str = "") -> str:
    """SHA-256 over named tensors in their order: names, types, shapes and bytes, after a text; hex digits."""
    digest = sha256(extra.encode())
    for name, tensor in tensors:
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def processor_fingerprint(processor: Any) -> str:
    """SHA-256 over a processor's chat template, tokenizer and image preprocessing.

    Returns:
        64 hexadecimal digits.
    """
    digest = sha256()
    with TemporaryDirectory() as folder:
        processor.save_pretrained(folder)
        for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            # Transformers notes there whether a hub could be asked when the tokenizer was loaded.
            content = file.read_bytes().replace(b'"local_files_only": true', b'"local_files_only": false')
            digest.update(f"{file.relative_to(folder)} ".encode() + sha256(content).digest())
    return digest.hexdigest()
