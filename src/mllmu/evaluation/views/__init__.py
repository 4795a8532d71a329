"""The views, one file each; see `View`."""
