"""Writing without ever leaving half a result: a temporary sibling name, then one move into place."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mllmu.errors import UserError

TEMPORARY_PREFIX = ".tmp-"
_FULL = (errno.ENOSPC, errno.EDQUOT)
# What safetensors says of it, and torch, whose archives find themselves shorter than what was written.
_FULL_TEXTS = ("No space left on device", "unexpected pos")
_TEMPORARY = re.compile(re.escape(TEMPORARY_PREFIX) + "[0-9a-f]{12}-")


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name to write to; it becomes ``path`` when the block ends without an error.

    The temporary name ends like ``path``, so that writers that look at the suffix see the right one.
    An existing file is replaced. Missing parent folders are made.

    Raises:
        UserError: the disk is full, or nothing may be written there.
    """
    target = Path(path)
    with writing_to(target):
        _refuse(target.is_dir(), target, "is a folder; expected the name of a file")
        temporary = _sibling(target)
        temporary.touch()
    with _removed_on_failure(target, temporary):
        yield temporary
        _flush(temporary)
        with writing_to(target):
            os.replace(temporary, target)


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Yield a new, empty temporary folder; it becomes ``path`` when the block ends without an error.

    Nothing is ever overwritten: ``path`` has to be new or an empty folder, which may be the current one, a
    mount point, or what a link leads to. Missing parents are made. Where only the last move fails, the
    finished folder stays.

    Raises:
        UserError: ``path`` already holds something, the disk is full, or nothing may be written there.
    """
    target = Path(path)
    require_new_folder(target)
    # A folder cannot take the place of a link, nor of "." by this name.
    final = Path(os.path.realpath(target))
    with writing_to(target):
        temporary = _sibling(final)
        temporary.mkdir()
    with _removed_on_failure(target, temporary):
        yield temporary
    try:
        _move_folder(temporary, final)
    except OSError as error:
        # The work may have taken hours, and is whole.
        raise UserError(
            f"{_final(target)} could not be written: {error.strerror or error}; what it was to hold is in "
            f"{temporary}."
        ) from error


def require_new_folder(path: Path) -> None:
    """Refuse a folder that holds something, before what it is for takes long.

    Raises:
        UserError: it is a file or holds files, or cannot be made or read.
    """
    with writing_to(path):
        refuse_file(path)
        _refuse(
            path.is_dir() and any(path.iterdir()),
            path,
            "already holds files; expected a new or an empty folder",
        )
        require_room_for(path)


def require_room_for(path: Path) -> None:
    """Refuse a path where nothing can be made, by making something and taking it away again.

    Raises:
        UserError: a part of the path is a file, or nothing may be written where it begins to be new.
    """
    there = next(part for part in (path.absolute(), *path.absolute().parents) if part.exists())
    if not there.is_dir():
        raise UserError(f"{path} could not be written: {there} is a file; expected a folder.")
    with writing_to(path):
        probe = there / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex[:12]}-probe"
        probe.mkdir()
        probe.rmdir()


@contextmanager
def first_folder(path: str | Path) -> Iterator[Path]:
    """Yield a new temporary folder; it becomes ``path`` when the block ends, unless another was first.

    Then it is thrown away, and the other's stays. Missing parents are made. Of several moves of a folder onto
    one name the system lets one succeed, also on NFS, as long as none of the folders is empty.

    Raises:
        UserError: the disk is full, or nothing may be written there.
    """
    target = Path(path)
    with writing_to(target):
        temporary = _sibling(target)
        temporary.mkdir()
    with _removed_on_failure(target, temporary):
        yield temporary
        with writing_to(target):
            try:
                os.rename(temporary, target)
            except OSError:
                if not (target.is_dir() and any(target.iterdir())):
                    raise
                shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def updated_folder(path: str | Path) -> Iterator[Path]:
    """Yield a new temporary folder, whose files get into ``path`` when the block ends without an error.

    Files of the same names are replaced, others stay. Missing parents are made, and go again on failure.

    Raises:
        UserError: ``path`` is a file, the disk is full, or nothing may be written there.
    """
    target = Path(path)
    made = [folder for folder in (target, *target.absolute().parents) if not folder.exists()]
    try:
        with writing_to(target):
            refuse_file(target)
            temporary = _sibling(target)
            temporary.mkdir()
        with _removed_on_failure(target, temporary):
            yield temporary
            with writing_to(target):
                for file in sorted(temporary.rglob("*")):
                    if not file.is_dir():
                        moved = target / file.relative_to(temporary)
                        moved.parent.mkdir(parents=True, exist_ok=True)
                        os.replace(file, moved)
                shutil.rmtree(temporary)
    except BaseException:
        for folder in made:
            with suppress(OSError):  # not there, or in use by others
                folder.rmdir()
        raise


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Say in a sentence what the system has against writing to a path.

    Raises:
        UserError: the disk is full, or nothing may be written there.
    """
    try:
        yield
    except OSError as error:
        if _is_full(error):
            raise UserError(f"The disk is full: {_final(target)} could not be written.") from error
        raise UserError(f"{_final(target)} could not be written: {error.strerror or error}.") from error


def unfinished_names(folder: Path) -> list[str]:
    """What files and folders would be called that processes were, or are, about to make in a folder."""
    names = (path.name.removeprefix(TEMPORARY_PREFIX) for path in folder.glob(f"{TEMPORARY_PREFIX}*-*"))
    return sorted({name.partition("-")[2] for name in names})


def sweep(folder: Path, name: str = "*") -> None:
    """Remove what killed processes left unfinished; only for the one process that writes such files there.

    Args:
        folder: in which they worked; need not exist.
        name: of the files or folders they were about to make.
    """
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*-{name}"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            with suppress(OSError):  # it is in nobody's way
                leftover.unlink()


def holds_files(folder: Path) -> bool:
    """Whether a folder has files, however deep, besides the marks of those who work in it."""
    return any(file.is_file() and not file.name.startswith(".") for file in folder.rglob("*"))


def refuse_file(path: Path) -> None:
    """Refuse a file where a folder is meant.

    Raises:
        UserError: it is one.
    """
    _refuse(path.exists() and not path.is_dir(), path, "is a file; expected the name of a folder")


def _refuse(condition: bool, path: Path, reason: str) -> None:
    if condition:
        raise UserError(f"{_final(path)} {reason}.")


def _sibling(target: Path) -> Path:
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex[:12]}-{target.absolute().name}"


def _move_folder(finished: Path, target: Path) -> None:
    """Put a folder in the place of a new or an empty one, or what it holds into one that has to stay."""
    # Who stands in a folder that is replaced stands in one that is gone.
    if not (target.is_dir() and target.samefile(".")):
        try:
            os.replace(finished, target)
            return
        except OSError:
            if not target.is_dir():
                raise
    if any(target.iterdir()):  # since the work began
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
    for entry in sorted(finished.iterdir()):
        shutil.move(entry, target / entry.name)
    finished.rmdir()


def _final(path: Path) -> str:
    """The path as it will be called: where a folder is unfinished, its name is one that soon is gone."""
    return _TEMPORARY.sub("", str(path))


def _flush(path: Path) -> None:
    # Some file systems report a full disk only when the data is forced out; that must happen before the move.
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _removed_on_failure(target: Path, temporary: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)
        if _is_full(error):
            raise UserError(
                f"The disk is full: {_final(target)} could not be written; nothing half-written was left."
            ) from error
        raise


def _is_full(error: BaseException) -> bool:
    """Whether an error says that the disk is full, also one in which a library has wrapped the system's."""
    code = error.errno if isinstance(error, OSError) else None
    return code in _FULL or any(text in str(error) for text in _FULL_TEXTS)
