"""Loading and saving vision-language models, and making their inputs: prompts, token ids, image tensors."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
