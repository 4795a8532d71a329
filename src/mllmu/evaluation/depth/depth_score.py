"""The Unlearning Depth Score of drops that were measured (arXiv 2605.24614).

Legend of shapes: q questions, l decoder layers. A drop D is how much less likely the value becomes, in nats
per token, when a layer's hidden states in vanilla are replaced by those of another model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_DROP = 0.05
"""The drop above which a layer holds knowledge, in nats per token: the paper's threshold."""


def knowing_layers(retrained_drops: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """The layers KE that hold what the retrained model never learned: those whose drop is above .05.

    Args:
        retrained_drops: [q, l], from patching in the retrained model's states.
    """
    return np.asarray(retrained_drops, dtype=np.float64) > LEAST_DROP


def unlearning_depth(drops: npt.ArrayLike, retrained_drops: npt.ArrayLike) -> Floats:
    """UDS of each question: sum over KE of D_ret clip(D / D_ret, 0, 1) / sum over KE of D_ret.

    Args:
        drops: [q, l], from patching in the unlearned model's states.
        retrained_drops: [q, l], from patching in the retrained model's.

    Returns:
        [q] in 0..1: 0 where all is as in vanilla, 1 where it is as in the retrained model. NaN where no layer
        holds anything, so that there is nothing to erase.

    Raises:
        ValueError: the two are not of the same questions and layers.
    """
    of_model, of_retrained = (np.asarray(one, dtype=np.float64) for one in (drops, retrained_drops))
    if of_model.shape != of_retrained.shape or of_model.ndim != 2:
        raise ValueError(
            f"expected two arrays [q, l] of one shape, got {of_model.shape} and {of_retrained.shape}"
        )
    weights = np.where(knowing_layers(of_retrained), of_retrained, 0.0)
    # D_ret clip(D / D_ret, 0, 1) without the division; where the weight is 0 so is the product.
    erased = np.clip(of_model, 0.0, weights).sum(axis=1)
    whole = weights.sum(axis=1)
    return np.divide(erased, whole, out=np.full(len(whole), np.nan), where=whole > 0)
