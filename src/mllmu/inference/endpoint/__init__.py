"""Asking a model that an OpenAI-compatible server has in memory."""

from mllmu.inference.endpoint.endpoint_engine import EndpointEngine
from mllmu.inference.endpoint.server import Server, connect, is_url

__all__ = ["EndpointEngine", "Server", "connect", "is_url"]
