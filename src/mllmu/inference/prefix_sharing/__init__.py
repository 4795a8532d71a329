"""Computes whatever prompts have in common, images included, once instead of once per request.

`sharing_engine` makes a `SharedPrefixes` for a model, or returns None if the model does not support it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
