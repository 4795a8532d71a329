import numpy as np
import torch

from mllmu.models.packing.attention_masks import AttentionMasks, additive

FULL = AttentionMasks(frozenset({"full_attention"}), 0, False)


def within(masks, symbols):
    """Which symbols of a plain sequence attend to one another."""
    return masks.within_row(np.array(symbols), np.tri(len(symbols), dtype=bool))


def test_features_of_one_image_see_one_another_where_the_family_does_so():
    """Two pictures, of the features -1 -2 and -3 -4, that a text token parts or not."""
    both = AttentionMasks(frozenset({"full_attention"}), 0, True)
    assert within(both, [7, -1, -2, 8]).astype(int).tolist() == [
        [1, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
    ]
    assert within(FULL, [7, -1, -2, 8]).tolist() == np.tri(4, dtype=bool).tolist()
    # Numbers go down within a picture, so that -1 -2 -5 are two pictures.
    assert within(both, [-1, -2, -5]).astype(int).tolist() == [[1, 1, 0], [1, 1, 0], [1, 1, 1]]


def test_pictures_are_read_in_one_piece_where_their_features_see_one_another():
    """Symbols may be parted before and after a picture, and between two, but not within."""
    both = AttentionMasks(frozenset({"full_attention"}), 0, True)
    symbols = np.array([7, -1, -2, -3, -9, -10, 8])
    assert [both.split_point(symbols, end) for end in range(8)] == [0, 1, 1, 1, 4, 4, 6, 7]
    assert [FULL.split_point(symbols, end) for end in range(8)] == list(range(8))


def test_masks_are_added_to_scores():
    visible = torch.tensor([[[True, True, False]]])
    depths, columns = torch.tensor([[2]]), torch.tensor([[0, 2, 1]])
    bias = additive(FULL.by_layer_type(visible, depths, columns), torch.float32)
    assert bias.tolist() == [[[[0.0, 0.0, torch.finfo(torch.float32).min]]]]


def test_sliding_layers_see_no_further_than_their_window():
    """A window of 2 is the token itself and the one before; other layers of the same model see all."""
    mixed = AttentionMasks(frozenset({"full_attention", "sliding_attention"}), 2, False)
    visible = torch.ones(1, 1, 3, dtype=torch.bool)
    depths, columns = torch.tensor([[2]]), torch.tensor([[0, 1, 2]])
    masks = additive(mixed.by_layer_type(visible, depths, columns), torch.float32)
    assert (masks["full_attention"][0, 0, 0] == 0).tolist() == [True, True, True]
    assert (masks["sliding_attention"][0, 0, 0] == 0).tolist() == [False, True, True]
    only = AttentionMasks(frozenset({"sliding_attention"}), 2, False)
    alone = additive(only.by_layer_type(visible, depths, columns), torch.float32)
    assert torch.equal(alone, masks["sliding_attention"])
