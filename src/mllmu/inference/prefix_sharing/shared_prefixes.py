"""Scores and generates answers with every common prefix of the prompts computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.batching import by_budget, halving, out_of_memory, release_memory
from mllmu.inference.in_memory.entry import Entry, Generated
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.in_memory.token_moments import token_moments
from mllmu.inference.prefix_sharing.greedy_decoding import columns_needed, generate_rows
from mllmu.inference.prefix_sharing.image_features import ImageFeatures
from mllmu.inference.prefix_sharing.key_value_cache import bytes_per_token
from mllmu.inference.prefix_sharing.prefix_reader import PrefixReader
from mllmu.inference.prefix_sharing.sequence_building import begun_sequences, scored_sequences
from mllmu.inference.request import Extra, TokenScores
from mllmu.models import LoadedModel
from mllmu.models.packing.attention_masks import AttentionMasks
from mllmu.models.packing.position_ids import PositionIds
from mllmu.models.packing.prefix_tree import Branch, build_prefix_tree
from mllmu.models.packing.row_packing import pack_rows
from mllmu.models.packing.symbol_sequences import SymbolSequence
from mllmu.models.packing.tree_rows import TreeRow


class SharedPrefixes:
    """Computes the prefix tree of the requests depth first, with one prefix in the key-value cache at a time.

    A branch that many tokens follow is appended to the cached prefix, which is cut again afterwards. Other
    branches are computed together with what follows them, packed into rows with tree attention.

    Args:
        loaded: the model.
        bidirectional_images: see `AttentionMasks`.
        limits: limits on batches and on the key-value cache.
        counts: statistics to which everything computed is added.

    Attributes:
        masks: how its tokens attend to one another.
    """

    def __init__(
        self, loaded: LoadedModel, bidirectional_images: bool, limits: Limits, counts: EngineStatistics
    ) -> None:
        self._model: Any = loaded.model
        self._encoder = loaded.encoder
        self.masks = AttentionMasks.of(loaded.model, bidirectional_images)
        self._limits = limits
        self._counts = counts
        self._position_ids = PositionIds(loaded.model)
        further = sum(wrapper.cache_layers for wrapper in loaded.wrappers)
        self._columns = max(1, limits.memory // bytes_per_token(loaded.model, further))

    def score(self, entries: Sequence[Entry]) -> Iterator[list[tuple[int, TokenScores]]]:
        """Batches of entries' indices with the scores of the tokens after their prompts, in any order."""
        features = self._features()
        sequences = scored_sequences(entries, self._encoder, features, self._position_ids)
        for reader, rows in self._visits(sequences, features):
            width = reader.length + max(map(len, rows))
            most = max(1, min(self._limits.batch_rows, self._columns // width))
            for batch in by_budget(rows, len, self._limits.batch_tokens, most):
                scored = halving(partial(_scored, reader), batch)
                yield [scores for row in scored for scores in row]

    def generate(self, entries: Sequence[Entry], rule: StopRule) -> Iterator[list[Generated]]:
        """Batches of entries' indices with the token ids generated after their tokens, in any order."""
        features = self._features()
        sequences = begun_sequences(entries, self._encoder, features, self._position_ids)
        for reader, rows in self._visits(sequences, features):

            def needed(row: TreeRow[Entry], reader: PrefixReader = reader) -> int:
                return reader.length + columns_needed(row)

            def generate(
                part: Sequence[TreeRow[Entry]], reader: PrefixReader = reader
            ) -> list[list[Generated]]:
                return generate_rows(reader, part, rule, self._limits.batch_tokens)

            for batch in by_budget(rows, needed, self._columns, self._limits.batch_rows):
                yield [
                    written
                    for row in halving(generate, sorted(batch, key=len, reverse=True))
                    for written in row
                ]

    def _features(self) -> ImageFeatures:
        return ImageFeatures(self._model, self._encoder, self._limits.memory // 4, self._counts)

    def _visits(
        self, sequences: Sequence[SymbolSequence[Entry]], features: ImageFeatures
    ) -> Iterator[tuple[PrefixReader, list[TreeRow[Entry]]]]:
        """Rows that together hold all sequences, with the reader that holds their prefix."""
        branches = build_prefix_tree(sequences)
        self._counts.requested += sum(len(one.symbols) for one in sequences)
        self._counts.distinct += sum(branch.size for branch in branches)
        longest = max((len(one.symbols) for one in sequences), default=0)
        reader = PrefixReader(self._model, self.masks, features, longest, self._counts)
        for rows in self._below(reader, branches):
            yield reader, rows

    def _below(
        self, reader: PrefixReader, branches: Sequence[Branch[Entry]]
    ) -> Iterator[list[TreeRow[Entry]]]:
        """Lists of rows for branches that follow the reader's prefix, which grows and shrinks meanwhile."""
        whole, long = self._divided(branches)
        if whole:
            yield pack_rows(whole, self._limits.row_tokens)
        before = reader.length
        for branch, count in long:
            self._extend(reader, branch, count)
            yield from self._below(reader, branch.without(count))
            reader.shorten(before)

    def _divided(
        self, branches: Sequence[Branch[Entry]]
    ) -> tuple[list[Branch[Entry]], list[tuple[Branch[Entry], int]]]:
        """Branches to pack into rows; and branches with the number of symbols to append to the prefix."""
        width = self._limits.row_tokens
        whole: list[Branch[Entry]] = []
        long: list[tuple[Branch[Entry], int]] = []
        waiting = list(branches)
        while waiting:
            branch = waiting.pop()
            if branch.size <= width or not branch.branches:
                whole.append(branch)
                continue
            parts = branch.parted(width)
            # Symbols whose outputs are needed cannot be in the prefix: only rows give outputs.
            count = self.masks.split_point(
                branch.symbols, min(len(branch.symbols), branch.first - branch.start)
            )
            saved = count * (len(parts) - 1)
            if saved >= max(1, width // 4) or (len(parts) == 1 and count):
                long.append((branch, count))
            elif len(parts) == 1:
                whole.append(branch)
            else:
                waiting.extend(parts)
        return whole, long

    def _extend(self, reader: PrefixReader, branch: Branch[Entry], count: int) -> None:
        """Append the first symbols of a branch to the prefix, in passes that fit the limits and memory."""
        most = self._limits.batch_tokens
        start = 0
        while start < count:
            symbols = branch.symbols[start:count]
            # An image that is larger than the limit is computed in one pass all the same.
            ends = (self.masks.split_point(symbols, end) for end in range(min(most, len(symbols)), count + 1))
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


def _scored(reader: PrefixReader, rows: Sequence[TreeRow[Entry]]) -> list[list[tuple[int, TokenScores]]]:
    """By row, the entries' indices of all members with their scores."""
    longest = max(map(len, rows))
    output_rows: dict[int, int] = {}
    sources: list[int] = []
    targets: list[int] = []
    for index, row in enumerate(rows):
        for sequence, nodes in row.members:
            outputs = (index * longest + row.predicting(sequence, nodes)).tolist()
            sources += [output_rows.setdefault(output, len(output_rows)) for output in outputs]
            targets += sequence.entry.after
    logits = reader.read(rows, reader.row_cache(len(rows), longest), torch.tensor(list(output_rows)))
    source = torch.tensor(sources, device=logits.device)
    target = torch.tensor(targets, device=logits.device)
    log_probs = (logits[source, target] - logits.logsumexp(dim=-1)[source]).tolist()
    best = logits.argmax(dim=-1)[source].tolist()
    asked = {one for row in rows for sequence, _ in row.members for one in sequence.entry.request.extras}
    of_outputs = token_moments(logits) if Extra.TOKEN_MOMENTS in asked else []
    return _split(rows, log_probs, best, [of_outputs[row] for row in sources] if of_outputs else [])


def _split(
    rows: Sequence[TreeRow[Entry]],
    log_probs: list[float],
    best: list[int],
    moments: list[tuple[float, float]],
) -> list[list[tuple[int, TokenScores]]]:
    """Divide the numbers of all answer tokens, in order, among the members of the rows.

    Args:
        rows: the rows.
        log_probs: of each answer token.
        best: the likeliest token in its place.
        moments: of the prediction there; empty if nobody asked for them.
    """
    scored: list[list[tuple[int, TokenScores]]] = []
    start = 0
    for row in rows:
        scored.append([])
        for sequence, _ in row.members:
            entry = sequence.entry
            span = slice(start, start + len(entry.after))
            own = moments[span] if Extra.TOKEN_MOMENTS in entry.request.extras else ()
            scored[-1].append((entry.index, TokenScores.of(entry.after, log_probs[span], best[span], own)))
            start = span.stop
    return scored
