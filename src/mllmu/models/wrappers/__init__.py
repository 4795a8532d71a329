"""What stands around a model and leaves its weights alone: it words prompts, replies itself, or takes part.

`Wrapper` says what one can do; every other file holds one kind, or what kinds are built of.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
