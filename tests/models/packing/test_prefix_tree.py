import numpy as np

from mllmu.inference import Request
from mllmu.inference.in_memory.entry import Entry
from mllmu.inference.prefix_sharing.sequence_building import extended
from mllmu.models import Prompt
from mllmu.models.packing.prefix_tree import build_prefix_tree
from mllmu.models.packing.row_packing import pack_row, pack_rows
from mllmu.models.packing.symbol_sequences import SymbolSequence


def sequence(index, symbols, first=None):
    """A sequence whose last output is needed, unless another index is given."""
    entry = Entry(index, Request(Prompt("")), Prompt(""), ())
    places = np.arange(len(symbols))[None]
    return SymbolSequence(entry, np.array(symbols), places, len(symbols) - 1 if first is None else first)


def drawn(branches):
    """A tree as nested tuples: symbols, indices of what ends there, branches."""
    return [
        (branch.symbols.tolist(), [one.entry.index for one in branch.ended], drawn(branch.branches))
        for branch in branches
    ]


def test_a_tree_worked_out_by_hand():
    """1 2 3, 1 2 4, 1 2, twice 1 2 4 and 5: what any two begin with stands once."""
    asked = [[1, 2, 3], [1, 2, 4], [1, 2], [1, 2, 4], [5]]
    tree = build_prefix_tree([sequence(index, symbols) for index, symbols in enumerate(asked)])
    assert drawn(tree) == [([1, 2], [2], [([3], [0], []), ([4], [1, 3], [])]), ([5], [4], [])]
    assert [branch.size for branch in tree] == [4, 1]
    # "1 2" needs its last output, so at most one symbol may be read before a row.
    assert [branch.first for branch in tree] == [1, 0]
    assert [branch.start for branch in tree[0].branches] == [2, 2]


def test_other_pictures_are_other_symbols():
    """Features of two images are different symbols, though their token ids are equal."""
    tree = build_prefix_tree(
        [sequence(0, [7, -1, -2, 8]), sequence(1, [7, -3, -4, 8]), sequence(2, [7, -1, -2, 9])]
    )
    assert sorted(drawn(tree[0].branches)) == [
        ([-3, -4, 8], [1], []),
        ([-2 + 1, -2], [], [([8], [0], []), ([9], [2], [])]),
    ]


def test_parting_repeats_what_is_shared_and_loses_nobody():
    """Width 4: the branches 3 and 4 fit together behind 1 2, and 5 6 7 stands alone."""
    (branch,) = build_prefix_tree(
        [sequence(0, [1, 2, 3]), sequence(1, [1, 2, 4]), sequence(2, [1, 2, 5, 6, 7]), sequence(3, [1, 2])]
    )
    assert drawn(branch.parted(4)) == [
        ([1, 2], [3], [([3], [0], []), ([4], [1], [])]),
        ([1, 2, 5, 6, 7], [2], []),
    ]


def test_what_was_read_is_cut_off():
    (branch,) = build_prefix_tree([sequence(0, [1, 2, 3]), sequence(1, [1, 2, 4])])
    assert drawn(branch.without(2)) == [([3], [0], []), ([4], [1], [])]
    (rest,) = branch.without(1)
    assert (rest.start, rest.size, rest.symbols.tolist(), rest.positions.tolist()) == (1, 3, [2], [[1]])


def test_a_row_worked_out_by_hand():
    """1 2 followed by 3 or 4 5: each node sees itself and those before it on its own branch."""
    row = pack_row(build_prefix_tree([sequence(0, [1, 2, 3], 1), sequence(1, [1, 2, 4, 5], 1)]))
    assert row.symbols.tolist() == [1, 2, 3, 4, 5]
    assert row.depths.tolist() == row.positions[0].tolist() == [0, 1, 2, 2, 3]
    assert row.causal().astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 1, 1],
    ]
    assert [row.predicting(one, nodes).tolist() for one, nodes in row.members] == [[1, 2], [1, 3, 4]]


def test_rows_are_filled_and_no_wider_than_allowed():
    branches = build_prefix_tree(
        [sequence(index, [index] * size) for index, size in enumerate([3, 5, 1, 2, 9])]
    )
    assert sorted(map(len, pack_rows(branches, 6))) == [5, 6, 9]


def test_tokens_after_a_prompt_are_placed_one_by_one():
    """Pictures may take fewer positions than tokens; what follows goes on from the highest on every axis."""
    symbols, places = extended(np.array([8, -1, -2]), np.array([[0, 1, 1], [0, 1, 2]]), (5, 6))
    assert symbols.tolist() == [8, -1, -2, 5, 6]
    assert places.tolist() == [[0, 1, 1, 3, 4], [0, 1, 2, 3, 4]]
