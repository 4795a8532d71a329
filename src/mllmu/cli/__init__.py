"""The command line: one thin file per command group."""

from mllmu.cli.main import app, main

__all__ = ["app", "main"]
