"""What all tests of unlearning share."""

from tests.looked_at_once import prefix_sharing_is_looked_at_once

__all__ = ["prefix_sharing_is_looked_at_once"]
