"""How deep forgetting goes: what hidden states still tell vanilla when they are patched into it."""
