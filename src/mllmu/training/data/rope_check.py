"""Refuse samples so long that they would change the position embeddings of others in their batch."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.errors import UserError
from mllmu.models import Encoded, LoadedModel
from mllmu.models.inputs.rope_lengths import context_length, shared_rope_limit
from mllmu.training.data.samples import Sample


def require_own_positions(loaded: LoadedModel, samples: Sequence[Sample], items: Sequence[Encoded]) -> None:
    """Check that what a model learns of a sample does not depend on which others stand in its batch.

    Rope types ``dynamic`` and ``longrope`` choose frequencies by the longest row from some length on, and
    dynamic ones keep those of the longest row so far.

    Args:
        loaded: what learns.
        samples: what is taught, to name the first that is too long.
        items: the same, encoded.

    Raises:
        UserError: a sample has that length, or is longer than the context.
    """
    _require_context(loaded, samples, items)
    limit = shared_rope_limit(loaded.model)
    if limit is None:
        return
    for sample, item in zip(samples, items, strict=True):
        if len(item) >= limit:
            raise UserError(
                f"The question {sample.question!r} has {len(item)} tokens with its answer, and from "
                f"{limit} on the position embeddings of model '{loaded.source}' "
                "(rope type dynamic or longrope) depend on what else is in a batch; "
                "expected shorter samples, or another model."
            )


def _require_context(loaded: LoadedModel, samples: Sequence[Sample], items: Sequence[Encoded]) -> None:
    """Refuse what a model's context does not hold: it was never trained on such positions."""
    limit = context_length(loaded.model)
    for sample, item in zip(samples, items, strict=True):
        if limit is not None and len(item) > limit:
            raise UserError(
                f"The question {sample.question!r} has {len(item)} tokens with its answer, and the context "
                f"of model '{loaded.source}' ends after {limit}; expected shorter samples, or another model."
            )
