"""Naming what exists when somebody asks for what does not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from mllmu.errors import UserError

_SHOWN = 12


def unknown(kind: str, name: str, known: Iterable[str]) -> UserError:
    """The error for a name that does not exist: the near ones, or all of them when none is near.

    Args:
        kind: what was asked for, e.g. ``preset``.
        name: the name that was given.
        known: the names that exist.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(repr(one) for one in near)}?"
    else:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        hint = f"expected one of {', '.join(names[:_SHOWN])}{more}"
    return UserError(f"unknown {kind} {name!r}: {hint}")
