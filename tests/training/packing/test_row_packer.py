"""Protects packed rows: what stands in them, when packing pays, and models that cannot be packed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mllmu.models import Encoded, LoadedModel
from mllmu.models.packing.attention_masks import AttentionMasks
from mllmu.models.packing.position_ids import PositionIds
from mllmu.training import SampleDataset, training_samples
from mllmu.training.packing import packing_trial
from mllmu.training.packing.packing_trial import row_packer
from mllmu.training.packing.picture_groups import PictureGroup, largest_ratio, picture_groups, token_ratio
from mllmu.training.packing.row_packer import RowPacker
from tests.families import build_family
from tests.training.packing.asked import assert_same, both_ways, encoded, learned
from tests.training.people import people, small_model

FEATURE, PAD = 9, 0
PACKER = RowPacker(
    AttentionMasks(frozenset({"full_attention"}), 0, False), PositionIds(torch.nn.Module()), FEATURE, PAD
)
ADA, BO = {"pixel_values": torch.zeros(1, 3)}, {"pixel_values": torch.ones(1, 3)}


def item(ids: list[int], answer: int, vision: dict[str, torch.Tensor] | None = None) -> Encoded:
    """A sample whose last tokens, so many, are its answer."""
    mask = [False] * (len(ids) - answer) + [True] * answer
    return Encoded(torch.tensor(ids), torch.tensor(mask), vision or {})


ITEMS = [
    item([1, 9, 9, 5, 6], 1, ADA),
    item([1, 7, 8], 2),
    item([1, 9, 9, 4], 1, ADA),
    item([1, 9, 9, 5], 1, BO),
    item([2, 9, 9, 5], 1, ADA),
]


def test_samples_with_one_beginning_are_a_group() -> None:
    """The last sample shows Ada's picture after other words, and the fourth another picture."""
    groups = picture_groups(ITEMS, FEATURE)
    assert groups == [
        PictureGroup((0, 2), 3),
        PictureGroup((1,), 0),
        PictureGroup((3,), 3),
        PictureGroup((4,), 3),
    ]
    # 20 tokens, of which the three of the shared beginning are saved once.
    assert token_ratio(ITEMS, groups) == 20 / 17
    # Samples of four tokens, three of them shared, would come to four times.
    assert largest_ratio(ITEMS, groups) == 4
    assert largest_ratio(ITEMS[:2], picture_groups(ITEMS[:2], FEATURE)) == 1


def test_a_row_worked_out_by_hand() -> None:
    """Ada's picture with 4, and with 5 6 behind it; text has a row of its own, filled up."""
    rows = PACKER.pack(ITEMS[:3], picture_groups(ITEMS[:3], FEATURE))
    assert rows["inputs"]["input_ids"].tolist() == [[1, 9, 9, 4, 5, 6], [1, 7, 8, 0, 0, 0]]
    assert rows["inputs"]["position_ids"].tolist() == [[0, 1, 2, 3, 3, 4], [0, 1, 2, 0, 0, 0]]
    assert rows["inputs"]["pixel_values"].tolist() == [[0, 0, 0]]
    assert isinstance(rows["visible"], torch.Tensor)
    assert rows["visible"][0].int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 0, 1, 0],
        [1, 1, 1, 0, 1, 1],
    ]
    assert rows["visible"][1, :3, :3].equal(torch.from_numpy(np.tri(3, dtype=bool)))
    assert not rows["visible"][1, :3, 3:].any()
    # Sample by sample: 6 after 5; 7 after 1 and 8 after 7 in the second row; 4 after the picture.
    assert rows["answering"].tolist() == [5, 7, 8, 3]
    assert rows["predicting"].tolist() == [4, 6, 7, 2]


def test_pictures_come_in_the_order_of_the_rows() -> None:
    """The largest group is the first row; equally large ones keep their order. One picture comes twice."""
    rows = PACKER.pack(ITEMS[::-1], picture_groups(ITEMS[::-1], FEATURE))
    assert rows["inputs"]["pixel_values"][:, 0].tolist() == [0, 0, 1]


def test_packing_begins_where_it_pays() -> None:
    """Two samples of 3 + 1 tokens are 8 / 5 = 1.6 times what is left; of 3 + 2 they are 10 / 7."""
    assert PACKER.packed([item([1, 9, 9, token], 1, ADA) for token in (4, 5)]) is not None
    assert PACKER.packed([item([1, 9, 9, token, 6], 1, ADA) for token in (4, 5)]) is None


def test_a_sample_that_comes_twice_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass may end, and the next begin, in one batch."""
    monkeypatch.setattr(packing_trial, "LEAST_RATIO", 1.0)
    loaded = build_family("llava")
    items = encoded(loaded)[:3]
    packer = row_packer(loaded, loaded.model, items, "float32")
    assert packer is not None
    plain, packed = both_ways(packer, [*items, items[0]])
    assert_same(learned(loaded.model, plain), learned(loaded.model, packed))


def test_the_built_in_model_packs_nothing() -> None:
    """Its pictures are less than a third of every sample, so that results stay what they were."""
    loaded = small_model()
    dataset = SampleDataset(loaded, training_samples(people(), ["001", "002"], "both"))
    items = [dataset[index] for index in range(len(dataset))]
    assert row_packer(loaded, loaded.model, items, "float32") is None


@pytest.mark.parametrize("ignored", ["position_ids", "attention_mask"])
def test_a_model_that_ignores_positions_or_masks_packs_nothing(
    ignored: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It would learn something else without any error; a warning tells."""
    monkeypatch.setattr(packing_trial, "LEAST_RATIO", 1.0)
    loaded: LoadedModel = build_family("llava")
    forward = loaded.model.base_model.forward

    def careless(*args: Any, **inputs: Any) -> Any:
        inputs.pop(ignored, None)
        return forward(*args, **inputs)

    monkeypatch.setattr(loaded.model.base_model, "forward", careless)
    assert row_packer(loaded, loaded.model, encoded(loaded), "float32") is None
    assert "packed behind one picture" in caplog.text
