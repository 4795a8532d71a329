"""Requests that begin alike are computed once: rows are trees of tokens.

Four options of one question, or several questions about one portrait, share the tokens they begin with. A row
holds such requests as a tree: every node is a token that sees itself and its ancestors, at the position of
its depth. So a row of "ab" followed by "c" or "d" has the nodes a b c d with the parents - 0 1 1 and the
positions 0 1 2 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from torch import Tensor

# A request joins the row of its neighbour where it shares at least so many tokens with it: fewer do not pay
# for the attention to the tokens it does not share.
MIN_SHARED = 8


@dataclass(frozen=True)
class TokenSequence:
    """One request as tokens.

    Attributes:
        index: place of the request in the caller's list.
        prompt: token ids of the prompt.
        answer: token ids of the answer, the end token last.
        vision: the images' tensors; requests with equal `vision_key` have equal ones.
        vision_key: identifies the images; the empty string for none.
        vision_end: number of leading tokens within which all image tokens lie.
    """

    index: int
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    vision: dict[str, Tensor] = field(repr=False)
    vision_key: str
    vision_end: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """The tokens to compute: the last answer token is predicted, but predicts nothing."""
        return self.prompt + self.answer[:-1]


class Row:
    """A tree of tokens that holds one or more sequences.

    Attributes:
        tokens: token id of each node, parents before children.
        parents: node index of each node's parent; -1 for the first.
        depths: position of each node.
        members: each sequence with the nodes that predict its answer tokens, in order.
        vision: the images' tensors of all members.
    """

    def __init__(self, vision: dict[str, Tensor]) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        self.depths: list[int] = []
        self.members: list[tuple[TokenSequence, list[int]]] = []
        self.vision = vision
        self._children: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self.tokens)

    def shared(self, sequence: TokenSequence) -> int:
        """How many leading tokens of `sequence` the row has already."""
        node = -1
        for count, token in enumerate(sequence.inputs):
            node = self._children.get((node, token), -2)
            if node == -2:
                return count
        return len(sequence.inputs)

    def add(self, sequence: TokenSequence) -> None:
        """Insert `sequence`, adding only the nodes that the row lacks."""
        node, path = -1, []
        for depth, token in enumerate(sequence.inputs):
            key = (node, token)
            if key not in self._children:
                self._children[key] = len(self.tokens)
                self.tokens.append(token)
                self.parents.append(node)
                self.depths.append(depth)
            node = self._children[key]
            path.append(node)
        self.members.append((sequence, path[len(sequence.prompt) - 1 :]))


def pack(sequences: Iterable[TokenSequence], max_nodes: int) -> list[Row]:
    """Rows in which requests that begin alike share what they share.

    Args:
        sequences: in any order.
        max_nodes: longest row in tokens; a sequence longer than this has a row of its own.
    """
    rows: list[Row] = []
    last_key = ""
    for sequence in sorted(sequences, key=lambda one: (one.vision_key, one.inputs, one.index)):
        row = rows[-1] if rows and sequence.vision_key == last_key else None
        if row is None or not _fits(row, sequence, max_nodes):
            row = Row(sequence.vision)
            rows.append(row)
        row.add(sequence)
        last_key = sequence.vision_key
    return rows


def one_per_row(sequences: Iterable[TokenSequence], max_nodes: int) -> list[Row]:
    """Rows of one sequence each, whatever their length, for models that cannot attend along a tree."""
    rows = []
    for sequence in sequences:
        row = Row(sequence.vision)
        row.add(sequence)
        rows.append(row)
    return rows


def _fits(row: Row, sequence: TokenSequence, max_nodes: int) -> bool:
    """Whether `sequence` may and should join `row`."""
    shared = row.shared(sequence)
    # The images' features are filled in once per row, so no image token may be added a second time.
    if shared < max(MIN_SHARED, sequence.vision_end):
        return False
    return len(row) + len(sequence.inputs) - shared <= max_nodes
