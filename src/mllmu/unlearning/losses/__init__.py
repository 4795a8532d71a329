"""What unlearning minimises: pure functions of log-probabilities, logits or hidden states, and masks.

Legend of shapes: b samples, t tokens, n answer tokens of all samples, v vocabulary, d hidden width. Masks are
true at answer tokens (the answer and its end token) and false at prompt, image and padding tokens, whose
values never matter, not even infinite ones.

A batch may be a part of an optimizer step (gradient accumulation). ``tokens`` and ``samples`` are what the
whole step holds; the parts' losses then add up to the loss of the step.
"""

from mllmu.unlearning.losses.divergence import (
    kl_divergence,
    logit_flattening,
    others_cross_entropy,
    self_distillation,
)
from mllmu.unlearning.losses.likelihood import (
    answer_nll,
    gradient_ascent,
    gradient_difference,
    sample_log_probs,
    sample_means,
)
from mllmu.unlearning.losses.preference import (
    direct_preference,
    negative_preference,
    simple_negative_preference,
    total_variation_contrast,
)
from mllmu.unlearning.losses.representation import mean_states, pooled_distance, state_distance
from mllmu.unlearning.losses.weighted_ascent import weighted_ascent

__all__ = [
    "answer_nll",
    "direct_preference",
    "gradient_ascent",
    "gradient_difference",
    "kl_divergence",
    "logit_flattening",
    "mean_states",
    "negative_preference",
    "others_cross_entropy",
    "pooled_distance",
    "sample_log_probs",
    "sample_means",
    "self_distillation",
    "simple_negative_preference",
    "state_distance",
    "total_variation_contrast",
    "weighted_ascent",
]
