"""Small random models of the families the project supports, built in code with their own classes."""

from tests.families.build import FAMILIES, Family, build_family
from tests.families.cross_attention import mllama

__all__ = ["FAMILIES", "Family", "build_family", "mllama"]
