"""Portraits of fictitious people, drawn by code."""

from mllmu.synthesis.portraits.appearance import ANCESTRIES, Appearance
from mllmu.synthesis.portraits.drawing import draw
from mllmu.synthesis.portraits.rendering import photo, render
from mllmu.synthesis.portraits.sampling import sample_appearance
from mllmu.synthesis.portraits.view import ORIGINAL_VIEW, View, sample_view

__all__ = [
    "ANCESTRIES",
    "ORIGINAL_VIEW",
    "Appearance",
    "View",
    "draw",
    "photo",
    "render",
    "sample_appearance",
    "sample_view",
]
