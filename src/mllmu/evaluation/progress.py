"""Progress in questions, where the work is counted in requests."""

from __future__ import annotations

from mllmu.inference import Progress


class Shares:
    """Tells `report` of finished items as requests are finished.

    An item may need several requests, which are finished in any order; so items are reported in proportion.
    With 2 items of 8 requests in all, 3, 1 and 4 finished requests report 0, 1 and 1 items.

    Args:
        items: number of items.
        requests: number of requests they need in all.
        report: called with the number of items just finished; None for nobody.
    """

    def __init__(self, items: int, requests: int, report: Progress | None) -> None:
        self._items, self._requests, self._report = items, requests, report
        self._finished = self._reported = 0

    def advance(self, requests: int) -> None:
        """Count `requests` more requests as finished."""
        self._finished += requests
        items = self._items * self._finished // max(self._requests, 1)
        if self._report and items > self._reported:
            self._report(items - self._reported)
            self._reported = items
