"""Persistent storage of answers by key, in an SQLite file."""

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
# How long a process waits for another process that writes, in seconds.
_SECONDS_TO_WAIT = 60.0


class AnswerStore:
    """JSON values by key in one SQLite file, which several processes may use at once.

    Values that were added survive if the process is killed. A full store deletes its oldest quarter.

    Args:
        path: the file; it is created, with its folder, if missing. Deleting it clears the store.
        max_bytes: maximum size of the values, in bytes.

    Raises:
        UserError: if the file is no such store or cannot be opened.

    Example:
        >>> store = AnswerStore(Path("answers.sqlite"))
        >>> store.add({b"key": "Riga"})
        >>> store.find([b"key", b"other"])
        {b'key': 'Riga'}
    """

    def __init__(self, path: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._connected() as connection:
                # Readers do not wait for a writer, and a killed writer leaves the file intact.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS answers "
                    "(number INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, value TEXT NOT NULL)"
                )

    def find(self, keys: Sequence[Key]) -> dict[Key, Any]:
        """The stored values of keys; keys that are not stored are left out.

        Raises:
            UserError: if the file is damaged or cannot be read.
        """
        values: dict[Key, Any] = {}
        wanted = list(dict.fromkeys(keys))
        with self._explained(), self._connected() as connection:
            for start in range(0, len(wanted), _KEYS_PER_QUERY):
                part = wanted[start : start + _KEYS_PER_QUERY]
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"SELECT key, value FROM answers WHERE key IN ({marks})", part)
                values |= {key: json.loads(value) for key, value in rows}
        return values

    def add(self, values: Mapping[Key, Any]) -> None:
        """Store values, all or none of them; a key that is stored already keeps its value.

        Raises:
            UserError: if the disk is full, or the file is damaged or cannot be written.
        """
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        with self._explained(), self._connected() as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO answers (key, value) VALUES (?, ?)", rows)
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Delete the oldest quarter if the store is too large; SQLite reuses its pages."""

        def pragma(name: str) -> int:
            return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

        if (pragma("page_count") - pragma("freelist_count")) * pragma("page_size") > self._max_bytes:
            connection.execute(
                "DELETE FROM answers WHERE rowid IN "
                "(SELECT rowid FROM answers ORDER BY rowid LIMIT (SELECT count(*) / 4 FROM answers))"
            )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        # One connection per use, because a connection carried over a fork would damage the file.
        with closing(sqlite3.connect(self._path, timeout=_SECONDS_TO_WAIT)) as connection:
            # With a write-ahead log at most the last answers are lost, and only in a power failure.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, OSError) as error:
            raise UserError(
                f"The answer cache {self._path} cannot be used ({error}); expected a file that mllmu wrote "
                "and may write. It may be deleted at any time."
            ) from error
