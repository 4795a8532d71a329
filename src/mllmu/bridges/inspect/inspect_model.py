"""Whatever this package loads, with its adapters and wrappers, as a model of inspect_ai."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
from inspect_ai.model import (
    ChatMessage,
    Content,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    modelapi,
)

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import Conversation, Message, load_model

_MAX_NEW_TOKENS = 512
_AT_A_TIME = 256


@dataclass(eq=False)
class _Waiting:
    """A request, and its answer once it is there."""

    request: Request
    answer: str | None = None


class InspectModel(ModelAPI):
    """Answers greedily, by the same engine that asks everything else here; requests wait for one another.

    Args:
        model_name: ``tiny``, a folder, or a hub id; what follows ``mllmu/`` on the command line.
        base_url: not used.
        api_key: not used.
        config: as inspect_ai hands it over.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``all`` (``-M device=cpu``).

    Raises:
        UserError: there is no such model or device.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008, as inspect_ai has it
        device: str = "auto",
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        self._engine = TransformersEngine(load_model(model_name, device))
        self._lock = anyio.Lock()
        self._waiting: list[_Waiting] = []

    async def generate(
        self, input: list[ChatMessage], tools: list[Any], tool_choice: Any, config: GenerateConfig
    ) -> ModelOutput:
        """The likeliest answer.

        Args:
            input: the conversation, whose images are data URLs.
            tools: none.
            tool_choice: not used.
            config: of which ``max_tokens`` is heeded.

        Raises:
            UserError: tools, drawn or several answers, stop words, or content that no model here reads are
                asked for.
        """
        if tools or config.temperature:
            raise UserError("Models here use no tools and draw no answers; expected a temperature of 0.")
        if config.stop_seqs or (config.num_choices or 1) > 1:
            raise UserError("Models here take no stop words; expected none, and one choice.")
        request = Request(to_conversation(input), max_new_tokens=config.max_tokens or _MAX_NEW_TOKENS)
        return ModelOutput.from_content(self.model_name, await self._answer(request))

    def max_tokens(self) -> int:
        """Longest answer, in tokens, where the task does not say."""
        return _MAX_NEW_TOKENS

    def max_connections(self) -> int:
        """How many requests come at a time, which the engine answers together."""
        return _AT_A_TIME

    async def _answer(self, request: Request) -> str:
        """The answer to one request, asked together with all that came while others were answered."""
        own = _Waiting(request)
        self._waiting.append(own)
        try:
            async with self._lock:
                if own.answer is None:
                    asked = list(self._waiting)
                    try:
                        answers = await self._generate(asked)
                    except UserError:
                        # Another's request may be at fault: each then hears of its own.
                        asked = [own]
                        answers = await self._generate(asked)
                    for one, answer in zip(asked, answers, strict=True):
                        one.answer = answer
                return own.answer or ""
        finally:
            self._waiting.remove(own)

    async def _generate(self, asked: Sequence[_Waiting]) -> list[str]:
        requests = [one.request for one in asked]
        answers: list[str] = await anyio.to_thread.run_sync(self._engine.generate, requests)
        return answers


@modelapi(name="mllmu")
def mllmu() -> type[ModelAPI]:
    """The models of this package, as ``mllmu/tiny`` or ``mllmu/path/of/a/folder``."""
    return InspectModel


def to_conversation(messages: Sequence[ChatMessage]) -> Conversation:
    """The same turns, a turn's images before its words.

    Raises:
        UserError: there is something else than text and images of data URLs.
    """
    return Conversation(tuple(_turn(message) for message in messages))


def _turn(message: ChatMessage) -> Message:
    if message.role not in ("system", "user", "assistant"):
        raise UserError(f"A message is of role {message.role}; expected system, user or assistant.")
    if isinstance(message.content, str):
        return Message(message.role, message.content)
    words = [part.text for part in message.content if part.type == "text"]
    images = [_image(part) for part in message.content if part.type != "text"]
    return Message(message.role, "".join(words), tuple(images))


def _image(part: Content) -> bytes:
    """The bytes of an image.

    Raises:
        UserError: it is none, or no data URL.
    """
    if part.type != "image":
        raise UserError(f"A message shows {part.type}; expected images and text, which models here read.")
    head, comma, data = part.image.partition(";base64,")
    try:
        if not head.startswith("data:image/") or not comma:
            raise ValueError("no base64 data URL of an image")
        return base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error) as error:
        raise UserError(f"An image of a message cannot be read ({error}); expected a data URL.") from error
