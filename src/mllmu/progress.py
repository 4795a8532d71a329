"""How long work tells how far it is; one meaning for all rooms."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called now and then with the steps done so far and the steps there are; who calls says what a step is."""
