"""How differently neurons behave with and without a picture: what MANU ranks them by.

Legend of shapes: n neurons of an MLP.
"""

from __future__ import annotations

from torch import Tensor

from mllmu.unlearning.neurons.neuron_activity import NeuronActivity

EPSILON = 1e-5


def modality_importance(shown: NeuronActivity, named: NeuronActivity) -> Tensor:
    """I_abs + I_freq + I_var + I_rms of each neuron, [n] (MANU, arXiv 2502.15910).

    With z the mean absolute value, c the number of active values, V the variance and E the sum of squares,
    under pictures and text (m) and under text alone (t):
    I_abs = |zm - zt| / (zm + zt + eps), I_freq = |cm - ct| / (cm + ct + eps), I_var = sqrt(Vm + Vt),
    I_rms = sqrt(|Em - Et| / (Em + Et + eps)).

    Args:
        shown: activity under questions with a picture.
        named: activity under questions without.
    """
    absolute = _contrast(shown.mean_absolute, named.mean_absolute)
    frequency = _contrast(shown.active, named.active)
    variance = (shown.variance + named.variance).sqrt()
    root_mean_square = _contrast(shown.square, named.square).sqrt()
    return absolute + frequency + variance + root_mean_square


def forget_scores(forget: Tensor, retain: Tensor) -> Tensor:
    """How much more important neurons are for what is to be forgotten: I(f) / (I(r) + eps), [n].

    Args:
        forget: importance under the forget questions.
        retain: importance under the retain questions.
    """
    return forget / (retain + EPSILON)


def _contrast(one: Tensor, other: Tensor) -> Tensor:
    """|a - b| / (a + b + eps), from 0 for equals to nearly 1 for something against nothing."""
    return (one - other).abs() / (one + other + EPSILON)
