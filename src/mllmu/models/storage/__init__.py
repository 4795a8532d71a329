"""Models on disk and on the hub: found, loaded, checked, told apart and saved."""
