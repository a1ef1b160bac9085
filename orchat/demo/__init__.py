"""The embedded OpenRouter: the same wire format, simulated models, no network.

Runs by itself with `python -m orchat.demo`, or inside a program:

    with DemoServer() as demo:
        client = OpenRouterClient(api_key=demo.api_key, base_url=demo.base_url)
"""

from __future__ import annotations

from orchat.demo.app import create_app
from orchat.demo.recording import RecordedRequest
from orchat.demo.server import DemoServer
from orchat.demo.state import DemoState

__all__ = ["DemoServer", "DemoState", "RecordedRequest", "create_app"]
