"""Quantisation to 4 bits: does coarser storage bring back what was forgotten?"""

from __future__ import annotations

from typing import ClassVar

from mllmu.unlearning.further_steps.int8 import Int8


class Int4(Int8):
    """As `Int8`, with 15 values in place of 255."""

    name = "int4"
    title = "4-bit weights"
    description = "rounds the weights of linear layers to 4 bits, in groups of 128"
    bits: ClassVar[int] = 4
