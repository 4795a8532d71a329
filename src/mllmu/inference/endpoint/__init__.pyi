from .endpoint_engine import EndpointEngine as EndpointEngine
from .server import Server as Server
from .server import connect as connect
from .server import is_url as is_url

__all__ = [
    "EndpointEngine",
    "Server",
    "connect",
    "is_url",
]
