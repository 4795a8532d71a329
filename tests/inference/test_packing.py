import torch

from mllmu.inference.layout import causal_attention, tree_attention
from mllmu.inference.packing import MIN_SHARED, Row, TokenSequence, one_per_row, pack


def sequence(index, prompt, answer, key="", vision_end=0):
    return TokenSequence(index, tuple(prompt), tuple(answer), {}, key, vision_end)


def test_a_tree_worked_out_by_hand():
    """Prompt (1 2), answers (3 4 end) and (5 end): nodes 1 2 3 4 5, for end tokens predict nothing."""
    row = Row({})
    row.add(sequence(0, [1, 2], [3, 4, 9]))
    row.add(sequence(1, [1, 2], [5, 9]))
    assert row.tokens == [1, 2, 3, 4, 5]
    assert row.parents == [-1, 0, 1, 2, 1]
    assert row.depths == [0, 1, 2, 3, 2]
    assert [path for _, path in row.members] == [[1, 2, 3], [1, 4]]
    made = tree_attention([row], torch.float32)
    assert made["position_ids"].tolist() == [[0, 1, 2, 3, 2]]
    assert (made["attention_mask"][0, 0] == 0).int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 1],
    ]


def test_who_shares_a_row():
    """Enough shared tokens and room in the row are both needed."""
    prefix = list(range(10, 10 + MIN_SHARED))
    alike = [sequence(place, [*prefix, 50 + place], [1, 9]) for place in range(3)]
    assert [len(row.members) for row in pack(alike, 100)] == [3]
    assert [len(row.members) for row in pack(alike, MIN_SHARED + 4)] == [2, 1]
    unlike = [sequence(place, [*prefix[1:], 50 + place], [1, 9]) for place in range(3)]
    assert [len(row.members) for row in pack(unlike, 100)] == [1, 1, 1]
    assert [len(row.members) for row in one_per_row(alike, 100)] == [1, 1, 1]


def test_other_pictures_other_rows():
    """Equal tokens stand for different pictures where the keys differ; picture tokens come once in a row."""
    prefix = list(range(10, 30))
    assert len(pack([sequence(0, prefix, [1, 9], "a", 5), sequence(1, prefix, [2, 9], "b", 5)], 100)) == 2
    late = [sequence(0, [*prefix, 7], [1, 9], "a", 21), sequence(1, [*prefix, 8], [1, 9], "a", 21)]
    assert len(pack(late, 100)) == 2


def test_padding_is_masked_in_plain_rows():
    rows = one_per_row([sequence(0, [1, 2], [3, 9]), sequence(1, [1], [3, 9])], 100)
    assert causal_attention(rows, torch.float32)["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
