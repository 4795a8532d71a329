"""What a wrapper can do to a model, and the form in which it is stored."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

import torch
from torch import Tensor
from typing_extensions import Self

from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.conversations import Conversation, Prompt


@dataclass(frozen=True)
class WrapperParts:
    """All that a wrapper consists of.

    Attributes:
        settings: values that JSON can hold.
        tensors: by name.
    """

    settings: Mapping[str, Any]
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


class Wrapper(ABC):
    """Something that stands around a model and changes its answers, not its weights.

    It can do any of four things, and does what it does not define not at all: word a conversation anew
    before the model reads it; answer a prompt in the model's place; switch something on for some prompts;
    and take part in every forward pass (`attach`). What takes part treats every token alike and looks at no
    other, or looks at them through the model's own masks and key-value cache, so that an answer does not
    depend on what is computed beside it.

    Attributes:
        name: by which a stored wrapper is found again; letters, digits and underscores.
        cache_layers: layers that it has in the key-value cache, after the model's own.
    """

    name: ClassVar[str]
    cache_layers: int = 0

    def worded(self, conversation: Conversation) -> Conversation:
        """The conversation that the model reads, before its system instruction and chat template."""
        return conversation

    def replies(
        self, model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
    ) -> Sequence[str | None]:
        """For each prompt the answer that is given in the model's place; None where the model answers.

        Args:
            model: the wrapped model.
            encoder: its encoder.
            prompts: as people put them, before they are worded anew.
        """
        return [None] * len(prompts)

    def switches(
        self, model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
    ) -> Sequence[bool]:
        """For each prompt whether it is answered within `switched_on`; arguments as of `replies`."""
        return [False] * len(prompts)

    def switched_on(self) -> AbstractContextManager[None]:
        """While it lasts, the model answers as it does to the prompts that `switches` chose."""
        return nullcontext()

    def attach(self, model: Any) -> None:
        """Take part in the forward passes of a model from now on.

        Raises:
            UserError: if it does not fit the model.
        """
        return

    def linear_weights(self) -> Sequence[Tensor]:
        """Matrices by which it multiplies; what rounds the weights of linear layers rounds them, too."""
        return ()

    @abstractmethod
    def parts(self) -> WrapperParts:
        """All that it consists of."""

    @classmethod
    @abstractmethod
    def of_parts(cls, parts: WrapperParts) -> Self:
        """The wrapper that consists of these parts.

        Raises:
            KeyError, TypeError, ValueError: if they are not such as `parts` gives.
        """

    @property
    def fingerprint(self) -> str:
        """SHA-256 over its parts, as hex digits; two wrappers of one fingerprint do the same."""
        parts = self.parts()
        digest = sha256(f"{self.name} {json.dumps(dict(parts.settings), sort_keys=True)}".encode())
        for name, tensor in sorted(parts.tensors.items()):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()
