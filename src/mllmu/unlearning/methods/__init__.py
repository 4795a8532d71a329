"""The methods, one file each."""

from mllmu.unlearning.methods.ga import GradientAscent
from mllmu.unlearning.methods.grad_diff import GradDiff
from mllmu.unlearning.methods.kl_min import KLMin
from mllmu.unlearning.methods.npo import NPO
from mllmu.unlearning.methods.prompting import Prompting

__all__ = ["NPO", "GradDiff", "GradientAscent", "KLMin", "Prompting"]
