"""Showing it: tables for the terminal, Markdown and LaTeX, figures, and one self-contained HTML page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
