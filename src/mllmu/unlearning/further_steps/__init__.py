"""What can be done to a model after unlearning, one file each; see `FurtherStep`."""
