"""Portraits of fictitious people, drawn by code."""

from mllmu.synthesis.portraits.appearance import ANCESTRIES, Appearance
from mllmu.synthesis.portraits.drawing import draw
from mllmu.synthesis.portraits.pose import ORIGINAL_POSE, Pose, as_seen
from mllmu.synthesis.portraits.pose_sampling import sample_pose
from mllmu.synthesis.portraits.rendering import photo, render
from mllmu.synthesis.portraits.sampling import sample_appearance

__all__ = [
    "ANCESTRIES",
    "ORIGINAL_POSE",
    "Appearance",
    "Pose",
    "as_seen",
    "draw",
    "photo",
    "render",
    "sample_appearance",
    "sample_pose",
]
