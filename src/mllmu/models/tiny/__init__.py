"""The built-in model: a small LLaVA, its processor, and the weights that ship with the package."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
