from .benchmark import load_benchmark as load_benchmark
from .benchmark import write_benchmark as write_benchmark
from .errors import UserError as UserError
from .models import load_model as load_model
from .models import save_model as save_model
from .study import Recipe as Recipe
from .study import evaluate as evaluate
from .study import make_recipe as make_recipe
from .study import run as run
from .study import train as train
from .study import unlearn as unlearn
from .synthesis import synthesize as synthesize

__version__: str

__all__ = [
    "Recipe",
    "UserError",
    "evaluate",
    "load_benchmark",
    "load_model",
    "make_recipe",
    "run",
    "save_model",
    "synthesize",
    "train",
    "unlearn",
    "write_benchmark",
]
