"""Progress in items, where an engine counts requests."""

from __future__ import annotations

from mllmu.progress import Progress


def in_items(progress: Progress | None, items: int, requests: int, before: int = 0) -> Progress | None:
    """A progress for an engine to tell of requests, which tells `progress` of items.

    An item may need several requests, which are finished in any order; so items are told in proportion.
    With 2 items of 8 requests in all, 3, 4 and 8 finished requests are told as 0, 1 and 2 items.

    Args:
        progress: called with the items done and the items there are; None for nobody.
        items: number of items.
        requests: number of requests they need in all.
        before: number of requests that were finished before the engine starts.
    """
    if progress is None:
        return None

    def tell(done: int, _: int) -> None:
        progress(items * (before + done) // max(requests, 1), items)

    return tell
