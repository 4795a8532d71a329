"""The gate of a steering: a linear function of hidden states, open on some and shut on the space of others.

Legend of shapes: n states, d hidden width.
"""

from __future__ import annotations

import torch
from torch import Tensor


def null_space(second_moment: Tensor, energy: float) -> Tensor:
    """[d, d] projection away from the fewest directions that hold a share of the energy of some states.

    Args:
        second_moment: [d, d] mean of h h^T.
        energy: share of the trace that the removed directions hold, 0 to 1.
    """
    values, vectors = torch.linalg.eigh(second_moment)
    # Ascending: the directions that stay are the first ones, which together hold what is left.
    held = values.clamp(min=0).cumsum(0)
    # Of one sum, whose rounding then is the same on both sides.
    stays = held <= (1 - energy + 1e-12) * held[-1]
    left = vectors[:, stays]
    return left @ left.T


def steering_gate(mean: Tensor, second_moment: Tensor, projection: Tensor, ridge: float) -> Tensor:
    """[d] the gate g = P (P S P + c I)^-1 P m: ridge regression of 1 on the projected states.

    With W = r g^T it is the least-squares solution of W P h = r over states h, for one direction r
    (arXiv 2510.04217). On states that P removes it is 0.

    Args:
        mean: [d] m, mean of the states on which the gate is to be open.
        second_moment: [d, d] S, mean of their h h^T.
        projection: [d, d] P.
        ridge: c in units of the mean eigenvalue of P S P on the space that P leaves; above 0.
    """
    inside = projection @ second_moment @ projection
    dimensions = projection.trace().clamp(min=1)
    # Where the projection leaves nothing, the gate is 0 and not a division by 0.
    penalty = ridge * inside.trace() / dimensions + torch.finfo(mean.dtype).tiny
    identity = torch.eye(len(mean), dtype=mean.dtype)
    gate: Tensor = projection @ torch.linalg.solve(inside + penalty * identity, projection @ mean)
    return gate
