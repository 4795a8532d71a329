"""Asking a model that can branch: whatever requests begin with alike is read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from mllmu.inference.batching import by_budget, halving, out_of_memory, release_memory
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.limits import Limits
from mllmu.inference.prefix_sharing.attention_masks import Attention
from mllmu.inference.prefix_sharing.greedy_decoding import columns_needed, write_rows
from mllmu.inference.prefix_sharing.image_features import Features
from mllmu.inference.prefix_sharing.key_value_cache import bytes_per_token
from mllmu.inference.prefix_sharing.position_ids import Positions
from mllmu.inference.prefix_sharing.prefix_reader import Reader
from mllmu.inference.prefix_sharing.prefix_tree import Branch, shared_prefixes
from mllmu.inference.prefix_sharing.symbol_sequences import (
    Entry,
    SymbolSequence,
    begun_sequences,
    scored_sequences,
)
from mllmu.inference.prefix_sharing.tree_rows import Row, rows_of
from mllmu.inference.request import TokenScores
from mllmu.inference.stop_rule import StopRule
from mllmu.models import LoadedModel


class SharedPrefixes:
    """Reads the tree of requests depth first and keeps only what is still needed.

    What a branch begins with becomes part of the prefix where many tokens after it need it, else it is read
    together with what follows it, in rows. So there is one prefix at a time; going back shortens it.

    Args:
        loaded: the model.
        both_ways: see `Attention`.
        limits: what is computed and kept at once.
        counts: where it is counted what is computed.
    """

    def __init__(
        self, loaded: LoadedModel, both_ways: bool, limits: Limits, counts: EngineStatistics
    ) -> None:
        self._model: Any = loaded.model
        self._encoder = loaded.encoder
        self._attention = Attention.of(loaded.model, both_ways)
        self._limits = limits
        self._counts = counts
        self._places = Positions(loaded.model)
        self._columns = max(1, limits.memory // bytes_per_token(loaded.model))

    def score(self, entries: Sequence[Entry]) -> Iterator[list[tuple[int, TokenScores]]]:
        """Scores of the tokens after each prompt, with the entries' indices, batch by batch."""
        features = self._features()
        sequences = scored_sequences(entries, self._encoder, features, self._places)
        for reader, rows in self._visits(sequences, features):
            width = reader.length + max(map(len, rows))
            most = max(1, min(self._limits.batch_rows, self._columns // width))
            for batch in by_budget(rows, len, self._limits.batch_tokens, most):
                found = halving(partial(_scored, reader), batch)
                yield [scores for row in found for scores in row]

    def write(self, entries: Sequence[Entry], rule: StopRule) -> Iterator[list[tuple[int, tuple[int, ...]]]]:
        """What the model writes after each entry's tokens, with the entries' indices, batch by batch."""
        features = self._features()
        sequences = begun_sequences(entries, self._encoder, features, self._places)
        for reader, rows in self._visits(sequences, features):

            def needed(row: Row, reader: Reader = reader) -> int:
                return reader.length + columns_needed(row)

            def write(
                part: Sequence[Row], reader: Reader = reader
            ) -> list[list[tuple[int, tuple[int, ...]]]]:
                return write_rows(reader, part, rule, self._limits.batch_tokens)

            for batch in by_budget(rows, needed, self._columns, self._limits.batch_rows):
                yield [
                    written for row in halving(write, sorted(batch, key=len, reverse=True)) for written in row
                ]

    def _features(self) -> Features:
        return Features(self._model, self._encoder, self._limits.memory // 4, self._counts)

    def _visits(
        self, sequences: Sequence[SymbolSequence], features: Features
    ) -> Iterator[tuple[Reader, list[Row]]]:
        """Rows that together hold all sequences, each time with the prefix that they follow."""
        branches = shared_prefixes(sequences)
        self._counts.requested += sum(len(one.symbols) for one in sequences)
        self._counts.distinct += sum(branch.size for branch in branches)
        longest = max((len(one.symbols) for one in sequences), default=0)
        reader = Reader(self._model, self._attention, features, longest, self._counts)
        for rows in self._below(reader, branches):
            yield reader, rows

    def _below(self, reader: Reader, branches: Sequence[Branch]) -> Iterator[list[Row]]:
        """Rows that hold branches which follow the reader's prefix."""
        whole, long = self._divided(branches)
        if whole:
            yield rows_of(whole, self._limits.row_tokens)
        before = reader.length
        for branch, count in long:
            self._extend(reader, branch, count)
            yield from self._below(reader, branch.without(count))
            reader.shorten(before)

    def _divided(self, branches: Sequence[Branch]) -> tuple[list[Branch], list[tuple[Branch, int]]]:
        """Branches to read in rows; and those of which so many symbols are to become part of the prefix."""
        width = self._limits.row_tokens
        whole: list[Branch] = []
        long: list[tuple[Branch, int]] = []
        waiting = list(branches)
        while waiting:
            branch = waiting.pop()
            if branch.size <= width or not branch.branches:
                whole.append(branch)
                continue
            parts = branch.parted(width)
            # Nothing that predicts may be in the prefix: only rows are looked at.
            count = self._attention.cut(branch.symbols, min(len(branch.symbols), branch.first - branch.start))
            saved = count * (len(parts) - 1)
            if saved >= max(1, width // 4) or (len(parts) == 1 and count):
                long.append((branch, count))
            elif len(parts) == 1:
                whole.append(branch)
            else:
                waiting.extend(parts)
        return whole, long

    def _extend(self, reader: Reader, branch: Branch, count: int) -> None:
        """Read the first symbols of a branch, no more at once than a pass may have and memory holds."""
        most = self._limits.batch_tokens
        start = 0
        while start < count:
            symbols = branch.symbols[start:count]
            # An image that is larger than a pass may be is read in one all the same.
            ends = (
                self._attention.cut(symbols, place) for place in range(min(most, len(symbols)), count + 1)
            )
            part = slice(start, start + next(end for end in ends if end))
            try:
                reader.extend(branch.symbols[part], branch.positions[:, part])
            except RuntimeError as error:
                if most == 1 or not out_of_memory(error):
                    raise
                most = max(1, min(most, part.stop - start) // 2)
            else:
                start = part.stop
                continue
            release_memory()


def _scored(reader: Reader, rows: Sequence[Row]) -> list[list[tuple[int, TokenScores]]]:
    """Scores of all members of each row, with their entries' indices."""
    longest = max(map(len, rows))
    looked: dict[int, int] = {}
    sources: list[int] = []
    targets: list[int] = []
    for index, row in enumerate(rows):
        for sequence, nodes in row.members:
            places = (index * longest + row.predicting(sequence, nodes)).tolist()
            sources += [looked.setdefault(place, len(looked)) for place in places]
            targets += sequence.entry.after
    logits = reader.read(rows, reader.branched(len(rows), longest), torch.tensor(list(looked)))
    source = torch.tensor(sources, device=logits.device)
    target = torch.tensor(targets, device=logits.device)
    log_probs = (logits[source, target] - logits.logsumexp(dim=-1)[source]).tolist()
    best = logits.argmax(dim=-1)[source].tolist()
    return _split(rows, log_probs, best)


def _split(
    rows: Sequence[Row], log_probs: list[float], best: list[int]
) -> list[list[tuple[int, TokenScores]]]:
    """What was found of all answer tokens, in order, as scores."""
    found: list[list[tuple[int, TokenScores]]] = []
    start = 0
    for row in rows:
        found.append([])
        for sequence, _ in row.members:
            entry = sequence.entry
            span = slice(start, start + len(entry.after))
            found[-1].append((entry.index, token_scores(entry.after, log_probs[span], best[span])))
            start = span.stop
    return found


def token_scores(answer: Sequence[int], log_probs: Sequence[float], best: Sequence[int]) -> TokenScores:
    """What is known of an answer's tokens."""
    hits = tuple(token == other for token, other in zip(answer, best, strict=True))
    return TokenScores(tuple(log_probs), hits, tuple(best))
