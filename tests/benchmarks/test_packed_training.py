"""Protects the comparison of packed and plain training: both ways compute the same, of fewer tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_both_ways_have_one_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three questions of an image of 576 tokens: packed, the image is there once."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import packed_training
    from llava_geometry import Size

    size = Size(1, 64, 32, 1, 64, torch.float32)
    with packed_training.opened(size, 3, "cpu") as work:
        torch.testing.assert_close(work.loss("packed"), work.loss("plain"), rtol=1e-5, atol=0)
        saved = work.tokens("plain") - work.tokens("packed")
        # Two images, and what stands before them and after them alike; less the padding of plain rows.
        assert 2 * 576 < saved < 2 * 576 + 100
        assert set(packed_training.timed(work, 1)) == {"plain", "packed"}
