"""Sizes of memory in words."""

_MIB, _GIB = 2**20, 2**30


def size_in_words(size: float) -> str:
    """Bytes as people say them: ``size_in_words(3 * 2**30) == "3.0 GiB"``."""
    if size < _GIB:
        return f"{size / _MIB:.0f} MiB" if size >= _MIB else "under 1 MiB"
    return f"{size / _GIB:.1f} GiB"
