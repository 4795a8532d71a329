"""Naming what exists when somebody asks for what does not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from mllmu.errors import UserError

_SHOWN = 12


def unknown(kind: str, name: str, existing: Iterable[str]) -> UserError:
    """The error for a name that does not exist: the near ones, or all of them when none is near.

    Args:
        kind: what was asked for, e.g. ``preset``.
        name: the name that was given.
        existing: the names that exist, in the order to list them in.
    """
    return UserError(f"unknown {kind} {name!r}: {suggestion(name, existing)}")


def suggestion(name: str, existing: Iterable[str]) -> str:
    """What to use instead of a name, as the end of a sentence about it; see ``unknown``."""
    names = {_plain(one): one for one in existing}
    plain = _plain(name)
    near = [plain] if plain in names else get_close_matches(plain, names, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(repr(names[one]) for one in near)}?"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"expected one of {', '.join(list(names.values())[:_SHOWN])}{more}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
