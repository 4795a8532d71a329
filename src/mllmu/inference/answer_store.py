"""Answers in a file, by key."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from mllmu.errors import UserError

Key = bytes

_MAX_BYTES = 2 * 2**30
# SQLite takes at most 999 variables in builds of before 2020.
_KEYS_PER_QUERY = 900
# How long a process waits for another that writes.
_SECONDS_TO_WAIT = 60.0


class AnswerStore:
    """JSON values by key in one SQLite file, which several processes may use at once.

    What was added stays, whenever the process is killed. A full store drops its oldest quarter.

    Args:
        path: the file; made, with its folder, where there is none. Deleting it clears the store.
        max_bytes: largest size of what is kept.

    Raises:
        UserError: if the file is no such store or cannot be opened.
    """

    def __init__(self, path: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._connected() as connection:
                # Readers do not wait for the one who writes, and who is killed leaves what was there.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS answers "
                    "(place INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, value TEXT NOT NULL)"
                )

    def find(self, keys: Sequence[Key]) -> dict[Key, Any]:
        """The values of those keys that are there.

        Raises:
            UserError: if the file is damaged or cannot be read.
        """
        found: dict[Key, Any] = {}
        wanted = list(dict.fromkeys(keys))
        with self._explained(), self._connected() as connection:
            for start in range(0, len(wanted), _KEYS_PER_QUERY):
                part = wanted[start : start + _KEYS_PER_QUERY]
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"SELECT key, value FROM answers WHERE key IN ({marks})", part)
                found |= {key: json.loads(value) for key, value in rows}
        return found

    def add(self, values: Mapping[Key, Any]) -> None:
        """Keep values, all or none of them; what is there already stays.

        Raises:
            UserError: if the disk is full, or the file is damaged or cannot be written.
        """
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        with self._explained(), self._connected() as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO answers (key, value) VALUES (?, ?)", rows)
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Drop the oldest quarter of a store that has grown too large; its pages are used again."""

        def pragma(name: str) -> int:
            return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

        if (pragma("page_count") - pragma("freelist_count")) * pragma("page_size") > self._max_bytes:
            connection.execute(
                "DELETE FROM answers WHERE place IN "
                "(SELECT place FROM answers ORDER BY place LIMIT (SELECT count(*) / 4 FROM answers))"
            )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        # A connection for each use: none is carried over a fork, which would damage the file.
        with closing(sqlite3.connect(self._path, timeout=_SECONDS_TO_WAIT)) as connection:
            # With a write-ahead log this loses at most the last answers, and only when the power fails.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, OSError) as error:
            raise UserError(
                f"The answer cache {self._path} cannot be used ({error}); expected a file that mllmu wrote "
                "and may write. It may be deleted at any time, and --no-cache does without it."
            ) from error
