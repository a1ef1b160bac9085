"""`python -m orchat.demo`: the embedded OpenRouter for trying out any client."""

from __future__ import annotations

import argparse
import sys
from threading import Event

from orchat.demo.server import DemoServer

DEFAULT_PORT = 8765


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C; returns the exit status."""
    options = _parser().parse_args(arguments)
    demo = DemoServer(options.port, speed=options.speed, credits=options.credits, host=options.host)
    try:
        demo.start()
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror}. Try --port 0.\n")
        return 1
    sys.stdout.write(_how_to(demo))
    sys.stdout.flush()
    try:
        Event().wait()
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
    finally:
        demo.stop()
    return 0


def _how_to(demo: DemoServer) -> str:
    return (
        f"Embedded OpenRouter (every reply is simulated) at {demo.base_url}\n"
        f"Key: {demo.api_key}\n\n"
        f"curl -N {demo.base_url}/chat/completions -H 'Authorization: Bearer {demo.api_key}' \\\n"
        """  -d '{"model": "openrouter/auto", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'\n"""
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchat.demo", description="An OpenRouter with simulated models.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="2 is twice as fast, 0 makes no pauses")
    parser.add_argument("--credits", type=float, default=5.0, help="USD on the account (default: %(default)s)")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if speed < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative: give 0 for no pauses, or a factor such as 2")
    return speed


if __name__ == "__main__":
    sys.exit(main())
