from .face_match import FaceMatch as FaceMatch
from .logit_assistants import LogitAssistants as LogitAssistants
from .recogniser import Recogniser as Recogniser
from .refusal_gate import RefusalGate as RefusalGate
from .routed_adapter import RoutedAdapter as RoutedAdapter
from .routes import Route as Route
from .routes import routes_of as routes_of
from .routes import switched as switched
from .shown_examples import ShownExamples as ShownExamples
from .steered_layer import SteeredLayer as SteeredLayer
from .wrapper import Wrapper as Wrapper
from .wrapper import WrapperParts as WrapperParts
from .wrapper_store import WRAPPERS as WRAPPERS
from .wrapper_store import load_wrappers as load_wrappers
from .wrapper_store import save_wrappers as save_wrappers

__all__ = [
    "WRAPPERS",
    "FaceMatch",
    "LogitAssistants",
    "Recogniser",
    "RefusalGate",
    "Route",
    "RoutedAdapter",
    "ShownExamples",
    "SteeredLayer",
    "Wrapper",
    "WrapperParts",
    "load_wrappers",
    "routes_of",
    "save_wrappers",
    "switched",
]
