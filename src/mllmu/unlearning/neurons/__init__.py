"""The neurons of a model's MLPs: which weights are theirs, and how much each matters."""
