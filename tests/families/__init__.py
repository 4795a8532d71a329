"""Small random models of the families the project supports, built in code with their own classes."""

from tests.families.build import BY_CROSS_ATTENTION, FAMILIES, Family, build_family

__all__ = ["BY_CROSS_ATTENTION", "FAMILIES", "Family", "build_family"]
