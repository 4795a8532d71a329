"""How much an engine computes and keeps at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from mllmu.models import LoadedModel

_CPU_MEMORY = 2**29


@dataclass(frozen=True)
class Limits:
    """Bounds on what is computed and kept at once.

    Attributes:
        row_tokens: most tokens of a row; they attend to one another, needed or not.
        batch_tokens: most tokens of a pass through the model, filling included; a longer row has its own.
        batch_rows: most rows that are computed, or written, together.
        memory: bytes of keys and values kept, those of the prefix that is being read not included.
    """

    row_tokens: int
    batch_tokens: int
    batch_rows: int
    memory: int

    @classmethod
    def of(cls, loaded: LoadedModel) -> Limits:
        """Limits that suit a model and the device it is on."""
        hidden = loaded.model.config.get_text_config().hidden_size
        # A token costs a decoder layer about 24 h^2 operations for its matrices and 4 h for every token in
        # its row: attention across a row of 1.5 h tokens costs a quarter of the rest.
        row_tokens = hidden * 3 // 2
        if loaded.device.type == "cpu":
            # Larger passes leave the processor's caches and are slower.
            return cls(max(128, row_tokens), batch_tokens=2048, batch_rows=256, memory=_CPU_MEMORY)
        devices = {weight.device for weight in loaded.model.parameters()}
        # Layers that are spread over several devices keep their keys and values there.
        free = len(devices) * min(torch.cuda.mem_get_info(device)[0] for device in devices)
        # A GPU is idle while few answers are written: rows must hold several people's pictures.
        return cls(max(4096, row_tokens), batch_tokens=16384, batch_rows=256, memory=free // 2)
