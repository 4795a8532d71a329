from .endpoint_engine import EndpointEngine as EndpointEngine
from .server import Server as Server
from .server import check_url as check_url
from .server import connect as connect
from .server import is_url as is_url

__all__ = [
    "EndpointEngine",
    "Server",
    "check_url",
    "connect",
    "is_url",
]
