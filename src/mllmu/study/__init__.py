"""The whole experiment: recipe, stages that are looked up again, resumption, and single steps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
