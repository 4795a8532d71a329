"""Limits on how much an engine computes, and holds in memory, at once."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.memory_sizes import free_gpu_memory
from mllmu.models import LoadedModel

_CPU_MEMORY = 2**29


@dataclass(frozen=True)
class Limits:
    """Limits on batch sizes and on the memory of the key-value cache.

    Attributes:
        row_tokens: maximum tokens of a row into which several requests are packed; attention is computed
            between all of them, needed or not.
        batch_tokens: maximum tokens of a forward pass, padding included; a longer row has a pass of its own.
        batch_rows: maximum rows of a batch.
        memory: maximum bytes of the key-value cache, without that of the shared prefix.

    Example:
        ::

            TransformersEngine(loaded, Limits(row_tokens=512, batch_tokens=4096, batch_rows=64, memory=2**30))
    """

    row_tokens: int
    batch_tokens: int
    batch_rows: int
    memory: int

    @classmethod
    def of(cls, loaded: LoadedModel) -> Limits:
        """Default limits for a model and its device."""
        hidden = loaded.model.config.get_text_config().hidden_size
        # A token costs a decoder layer about 24 h^2 operations for its matrices and 4 h for every token in
        # its row: attention across a row of 1.5 h tokens costs a quarter of the rest.
        row_tokens = hidden * 3 // 2
        if loaded.device.type == "cpu":
            # Larger passes leave the processor's caches and are slower.
            return cls(max(128, row_tokens), batch_tokens=2048, batch_rows=256, memory=_CPU_MEMORY)
        devices = {weight.device for weight in loaded.model.parameters()}
        # Layers that are spread over several devices keep their keys and values there.
        free = len(devices) * min(free_gpu_memory(device) for device in devices)
        # A GPU is idle while few answers are written: rows must hold several people's pictures.
        return cls(max(4096, row_tokens), batch_tokens=16384, batch_rows=256, memory=free // 2)
