"""From the name of a model to the engine that asks it."""

from __future__ import annotations

from pathlib import Path

from mllmu.errors import UserError
from mllmu.evaluation import asked_in, warn_of_emulation
from mllmu.inference import AnswerStore, CachedEngine, Engine, TransformersEngine
from mllmu.inference.endpoint import EndpointEngine, connect, is_url
from mllmu.models import device_of, load_model
from mllmu.models.storage.model_settings import read_settings
from mllmu.processes import process_count
from mllmu.training import Precision


def open_engine(
    model: str, device: str, served_name: str | None = None, precision: Precision = "auto"
) -> tuple[Engine, str]:
    """Make a model ready to be asked.

    Args:
        model: ``tiny``, a folder, a hub id, or the URL of a server's API.
        device: where a model in memory is to be.
        served_name: what the server calls the model; may be left out where it serves only one.
        precision: in which a model in memory is asked; a server decides that itself.

    Returns:
        The engine, and what to call the model.

    Raises:
        UserError: if there is no such model or server, or as `check_engine`.
    """
    check_engine(model, served_name, precision)
    if is_url(model):
        server = connect(model, served_name)
        # A server that names the model by its folder does not know of the instruction that lies there.
        system_prompt = read_settings(server.model).get("system_prompt", "")
        return EndpointEngine(server, system_prompt=system_prompt), server.model
    picked = device_of(device)
    warn_of_emulation(precision, picked)
    return TransformersEngine(load_model(model, device, asked_in(precision, picked))), model


def check_engine(model: str, served_name: str | None, precision: Precision) -> None:
    """Refuse what does not go together in `open_engine`, without loading anything.

    Raises:
        UserError: a name is given for a model in memory, or a precision for one that is not; or several
            processes are to ask a server, each of which would send it every question.
    """
    if is_url(model) and process_count() > 1:
        raise UserError(
            f"{process_count()} processes were started together to ask the server '{model}'; expected one, "
            "which sends it many questions at a time, or a model in memory."
        )
    if is_url(model) and precision != "auto":
        raise UserError(
            f"'{model}' is a server, which decides itself in what it computes; expected no precision, or "
            "a model in memory."
        )
    if not is_url(model) and served_name is not None:
        raise UserError(
            f"'{served_name}' is to name a server's model, but '{model}' is none; expected a URL such as "
            "http://localhost:8000/v1."
        )


def cached(engine: Engine, model: str, wanted: bool | None, file: Path) -> Engine:
    """The engine, behind a cache where answers are to be kept.

    Args:
        engine: asks the model.
        model: as for `open_engine`.
        wanted: whether to keep answers; None keeps those of a model in memory, whose weights are part of the
            key, but not those of a server, which may load other weights under the same name.
        file: where they are kept.

    Raises:
        UserError: if the file cannot be used.
    """
    keep = not is_url(model) if wanted is None else wanted
    return CachedEngine(engine, AnswerStore(file)) if keep else engine
