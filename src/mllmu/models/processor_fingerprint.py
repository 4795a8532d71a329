"""What tells a processor from others."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def processor_fingerprint(processor: Any) -> str:
    """SHA-256 over chat template, tokenizer and image preprocessing, wherever they were loaded from."""
    digest = sha256()
    with TemporaryDirectory() as folder:
        processor.save_pretrained(folder)
        for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(folder)} ".encode() + sha256(file.read_bytes()).digest())
    return digest.hexdigest()
