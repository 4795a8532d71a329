"""The protocols, one package each; see `Protocol`."""
