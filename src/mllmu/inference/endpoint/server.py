"""Requests to an OpenAI-compatible server, with retries, timeouts and readable errors."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from mllmu.errors import UserError, first_line
from mllmu.inference.endpoint.messages import ChatMessage

_LOG = logging.getLogger(__name__)

# The client waits between retries for the time in a Retry-After header, else 0.5 s, doubled up to 8 s.
_RETRIES = 6
_RETRIES_OF_A_LISTING = 1
_SECONDS_PER_ANSWER = 300.0
# The client waits no longer before it asks again.
_LONGEST_WAIT = 120.0
# What breaks off or is no JSON may be a proxy's page of a moment; the client itself asks only once.
_TRIES_OF_A_GARBLED_RESPONSE = 3
_SECONDS_BEFORE_ANOTHER_TRY = 0.5


class RequestRefusedError(UserError):
    """The server rejects a request as invalid or unsupported."""


@dataclass(frozen=True)
class Server:
    """A server and one of the models it serves.

    Attributes:
        url: base URL of the server's API, e.g. ``http://localhost:8000/v1``.
        model: the server's name of the model.
        client: an ``openai.OpenAI`` client.
    """

    url: str
    model: str
    client: Any
    _refused: set[str] = field(default_factory=set, compare=False, repr=False)

    def chat(self, messages: Sequence[ChatMessage], max_tokens: int, **extensions: Any) -> Any:
        """One chat completion, greedily decoded.

        Args:
            messages: the conversation.
            max_tokens: maximum length of the answer, in tokens.
            extensions: parameters of the server beyond those of OpenAI's API.

        Raises:
            RequestRefusedError: if the server rejects the request.
            UserError: if it cannot be reached, or still fails after all retries.
        """
        import openai

        tries = 0
        while tries < _TRIES_OF_A_GARBLED_RESPONSE:
            if tries:
                time.sleep(_SECONDS_BEFORE_ANOTHER_TRY)
            settings = self._settings(max_tokens)
            try:
                response = self.client.chat.completions.with_raw_response.create(
                    model=self.model,
                    messages=list(messages),
                    **settings,
                    extra_body=extensions or None,
                )
            except openai.OpenAIError as error:
                if isinstance(error, openai.BadRequestError) and self._may_be_told_otherwise(error, settings):
                    continue
                raise _user_error(self.url, error, _RETRIES) from error
            except (ValueError, RecursionError) as error:  # nothing was sent, and the next try would not be
                raise UserError(
                    f"A request to {self.url} cannot be written ({first_line(error)}); expected questions "
                    "and settings that JSON in UTF-8 can hold."
                ) from error
            completion = self._read(response)
            if completion is not None:
                return completion
            tries += 1
        raise self._garbled("a page, or JSON that breaks off", f", {_TRIES_OF_A_GARBLED_RESPONSE} times")

    def _settings(self, max_tokens: int) -> dict[str, Any]:
        """The limit and the temperature, as far as the server takes them by these names."""
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        settings: dict[str, Any] = {limit: max_tokens}
        return settings if "temperature" in self._refused else {**settings, "temperature": 0}

    def _may_be_told_otherwise(self, error: Exception, settings: Mapping[str, Any]) -> bool:
        """Whether a server refuses a setting by its name or value that it takes otherwise, or not at all.

        Newer models of OpenAI want ``max_completion_tokens``, and take no temperature.
        """
        said = str(error)
        if "max_tokens" in settings and "max_completion_tokens" in said:
            self._refused.add("max_tokens")
        elif "temperature" in settings and "temperature" in said and "nsupported" in said:
            _LOG.warning("%s takes no temperature, so that its answers are drawn at random.", self.model)
            self._refused.add("temperature")
        return self._settings(0).keys() != settings.keys()

    def _read(self, response: Any) -> Any:
        """The completion in a response; None if another try may bring one.

        Raises:
            UserError: if it is whole, and something else.
        """
        import openai

        try:
            completion = response.parse()
        except (json.JSONDecodeError, UnicodeDecodeError):  # it breaks off, or is no text
            return None
        except (ValueError, RecursionError) as error:
            raise self._garbled("JSON with numbers or nesting beyond all bounds") from error
        # The client hands on what is no JSON as text, and JSON of another form unchecked.
        if isinstance(completion, openai.BaseModel):
            return completion
        if isinstance(completion, str):
            return None
        raise self._garbled("JSON of another form")

    def _garbled(self, what: str, how_often: str = "") -> UserError:
        return UserError(
            f"{self.url} sent something else than an answer ({what}){how_often}; expected a chat completion "
            f"in JSON from {self.url}/chat/completions."
        )

    @property
    def listing(self) -> dict[str, Any]:
        """The model's entry in the server's list of models, without fields that change at every call.

        Raises:
            UserError: if it cannot be reached, or keeps failing.
        """
        entry = _entries(self.client, self.url).get(self.model, {})
        return {name: entry.get(name) for name in ("id", "root", "parent", "owned_by", "max_model_len")}


def is_url(model: str) -> bool:
    """Whether a model is given by the URL of a server.

    Example:
        ::

            is_url("http://localhost:8000/v1"), is_url("tiny")  # (True, False)
    """
    return model.lower().startswith(("http://", "https://"))


def check_url(url: str) -> None:
    """Refuse a URL that no server can have.

    Raises:
        UserError: if it lacks a host, has an impossible port, or holds spaces, a query, or a password, which
            would stand in files and messages.
    """
    try:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise UserError(
                f"The URL of the server at {parts.hostname} holds a user name or password; expected one "
                "without, and the key in OPENAI_API_KEY."
            )
        usable = bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable or not is_url(url) or not url.isprintable() or " " in url:
        raise UserError(
            f"'{url}' is no URL of a server; expected the base URL of its API such as http://localhost:8000/v1."
        )


def connect(url: str, model: str | None = None) -> Server:
    """Connect to a server; its API key, if needed, is read from ``OPENAI_API_KEY``.

    Args:
        url: base URL of the server's API, e.g. ``http://localhost:8000/v1``.
        model: the server's name of the model; optional if the server has only one.

    Example:
        ::

            server = connect("http://localhost:8000/v1")

    Raises:
        UserError: if the URL or the key is malformed, the client is not installed, the server cannot be
            reached, or serves several models.
    """
    check_url(url)
    try:
        from openai import OpenAI
    except ImportError as error:
        raise UserError(
            "Asking a server needs the openai client; install it with: pip install 'mllmu[endpoint]'"
        ) from error
    # Servers without authentication accept any key; the client requires one.
    key = os.environ.get("OPENAI_API_KEY") or "none"
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UserError("OPENAI_API_KEY has a character that no key has; expected ASCII without spaces.")
    client = OpenAI(
        base_url=url,
        api_key=key,
        max_retries=_RETRIES,
        timeout=_SECONDS_PER_ANSWER,
    )
    return Server(url, model or _only_model(client, url), client)


def _only_model(client: Any, url: str) -> str:
    names = sorted(_entries(client, url))
    if len(names) != 1:
        shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise UserError(
            f"{url} serves {len(names)} models{f' ({shown})' if names else ''}; name one with --model-name."
        )
    return names[0]


def _entries(client: Any, url: str) -> dict[str, dict[str, Any]]:
    """The server's list of models, by name."""
    import openai

    try:
        listing = client.with_options(max_retries=_RETRIES_OF_A_LISTING)
        entries = [entry.to_dict() for entry in listing.models.list()]
        return {str(entry["id"]): entry for entry in entries}
    except openai.OpenAIError as error:
        raise _user_error(url, error, _RETRIES_OF_A_LISTING) from error
    except (AttributeError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise UserError(
            f'{url}/models gives no list of models; expected JSON such as {{"data": [{{"id": "name"}}]}}, as '
            "OpenAI-compatible servers give it at the base URL of their API, which often ends in /v1."
        ) from error


def _user_error(url: str, error: Exception, retries: int) -> UserError:
    """Convert an error of the client or the server into a readable one.

    Args:
        url: of the server.
        error: the last one.
        retries: how often the client asks again before it gives up.
    """
    import openai

    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return UserError(f"{url} refuses the key; expected one that it accepts in OPENAI_API_KEY.")
    if isinstance(error, openai.NotFoundError):
        return UserError(f"{url} does not know the model or the request ({error}); see {url}/models.")
    if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        return RequestRefusedError(f"{url} refuses a request ({error}).")
    if isinstance(error, openai.APITimeoutError):
        return UserError(
            f"{url} gave no answer within {_SECONDS_PER_ANSWER:g} s, {retries + 1} times; expected one that "
            "answers sooner, or another try later."
        )
    if isinstance(error, openai.APIConnectionError):
        return UserError(f"{url} cannot be reached; expected a running OpenAI-compatible server.")
    if isinstance(error, openai.APIStatusError) and _seconds_to_wait(error) > _LONGEST_WAIT:
        return UserError(
            f"{url} asks to wait for {_seconds_to_wait(error):.0f} s ({error}); expected one that takes "
            f"requests within {_LONGEST_WAIT:.0f} s, or another try later."
        )
    if isinstance(error, openai.APIStatusError) and _is_final(error.status_code):
        return UserError(f"{url} refuses the request ({error}); it was not asked again.")
    return UserError(f"{url} failed ({error}), although it was asked {retries + 1} times.")


def _is_final(status: int) -> bool:
    """Whether a server means the request itself, so that the client does not ask again."""
    return 400 <= status < 500 and status not in (408, 409, 429)


def _seconds_to_wait(error: Any) -> float:
    """How long the server says to wait; 0 where it does not."""
    stated = error.response.headers.get("retry-after", 0)
    try:
        return float(stated)
    except ValueError:
        pass
    try:  # a date
        until = parsedate_to_datetime(stated)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, until.timestamp() - time.time())
