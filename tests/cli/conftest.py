"""What all tests of the command line share."""

from tests.tried_once import models_of_a_kind_are_tried_once

__all__ = ["models_of_a_kind_are_tried_once"]
