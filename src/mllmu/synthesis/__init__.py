"""Invented people: their facts, their drawn portraits, and the questions asked about them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
