"""The methods, one file each, in the order of the paper's tables."""
