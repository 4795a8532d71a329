"""A folder that is ready to be sent to a repository of a hub, and the sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from mllmu.errors import UserError
from mllmu.hub_access import SECONDS_TO_ANSWER, is_hub_id

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")
CARD_FILE = "README.md"
# What the hub itself writes into a new repository.
_HUBS_OWN = {".gitattributes"}


@dataclass(frozen=True)
class PreparedPush:
    """What is to be sent, whole and unchanged, to which repository.

    Attributes:
        kind: of the repository.
        repository: ``owner/name``.
        is_private: whether a new repository is for its owner alone.
        folder: exactly what is sent, the card included.
        left_out: files that lay beside and are not sent.
        bases: hub ids that have to exist for it to be of use.
        notes: what whoever sends it should hear.
    """

    kind: Literal["model", "dataset"]
    repository: str
    is_private: bool
    folder: Path
    left_out: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, int]:
        """The size in bytes of everything that is sent, by its path in the repository."""
        return {
            file.relative_to(self.folder).as_posix(): file.stat().st_size
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }

    @property
    def card(self) -> str:
        """The text of its card."""
        return (self.folder / CARD_FILE).read_text(encoding="utf-8")


def require_repository_name(name: str) -> None:
    """Refuse what the hub would not take as a repository's name.

    Raises:
        UserError: it has not the form ``owner/name``.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
        is_name = is_hub_id(name)
    except HFValidationError:
        is_name = False
    if not is_name:
        raise UserError(
            f"'{name}' cannot be a repository of the hub; expected owner/name of letters, digits, '-', '_' "
            "and '.', with neither '--' nor '..' in it."
        )


def push(prepared: PreparedPush) -> str:
    """Send a folder to its repository, which is made where there is none.

    An existing repository is added to only where every file that it holds is replaced: nothing of another
    model or dataset may stay beside what is sent. Its history keeps what it held.

    Args:
        prepared: as from `prepared_model` or `prepared_people`.

    Returns:
        The address of the repository.

    Raises:
        UserError: there is no token, the hub refuses or does not answer, a base is missing there, or the
            repository holds other files or is open to others than was asked for.

    Example:
        ::

            with prepared_model(Path("npo"), "owner/npo") as prepared:
                push(prepared)
    """
    from huggingface_hub import HfApi, get_token

    token = get_token()
    if token is None:
        raise UserError(
            "There is no token for the hub; expected one that may write, in the variable HF_TOKEN or stored "
            "by 'hf auth login'."
        )
    api = HfApi(token=token)

    def ask(what: str, question: Callable[[], T]) -> T:
        return _ask(what, token, question)

    for base in prepared.bases:
        look_up = partial(api.model_info, base, timeout=SECONDS_TO_ANSWER)
        ask(f"the base {base} could not be looked up", look_up)
    if not ask(f"{prepared.repository} could not be looked up", lambda: _is_ready(api, prepared)):
        ask(
            f"{prepared.repository} could not be made",
            lambda: api.create_repo(
                prepared.repository, private=prepared.is_private, repo_type=prepared.kind
            ),
        )
    ask(
        f"{prepared.repository} could not be written",
        lambda: api.upload_folder(
            repo_id=prepared.repository,
            repo_type=prepared.kind,
            folder_path=prepared.folder,
            commit_message=f"Add a {prepared.kind} with mllmu push",
        ),
    )
    prefix = "datasets/" if prepared.kind == "dataset" else ""
    return f"{api.endpoint}/{prefix}{prepared.repository}"


def _is_ready(api: HfApi, prepared: PreparedPush) -> bool:
    """Whether the repository is there, and all that it holds would be replaced.

    Raises:
        UserError: it is there, and something would stay beside, or others can read it than was asked for.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    name = prepared.repository
    look_up = api.model_info if prepared.kind == "model" else api.dataset_info
    try:
        held = look_up(name, timeout=SECONDS_TO_ANSWER)
    except RepositoryNotFoundError:
        return False
    beside = sorted({each.rfilename for each in held.siblings or ()} - set(prepared.files) - _HUBS_OWN)
    if beside:
        others = f" and {len(beside) - 1} more files" if beside[1:] else ""
        raise UserError(
            f"{name} is there already and holds {beside[0]}{others}, which would stay beside; expected a new "
            "repository, or one that holds nothing but files of these names."
        )
    if bool(held.private) != prepared.is_private:
        now, expected = ("private", "without --public") if held.private else ("public", "with --public")
        raise UserError(
            f"{name} is there already and is {now}; expected the command {expected}, or another repository."
        )
    return True


def _ask(what: str, token: str, question: Callable[[], T]) -> T:
    """Ask the hub something; what goes wrong is told in one sentence, in which no token stands."""
    try:
        return question()
    except UserError:
        raise
    except Exception as error:  # the client raises its own errors, httpx's and the system's
        reason = " ".join(str(error).replace(token, "***").split())[:300] or type(error).__name__
        raise UserError(
            f"{what} ({reason}); expected a hub that answers, and a token that may write there."
        ) from error
