"""Carrying stages out: one after the other or in several processes, and the store that keeps what is done."""
