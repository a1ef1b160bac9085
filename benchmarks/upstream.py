"""An OpenRouter that answers at an exact pace: the embedded one, with one route of its own.

`python -m benchmarks.upstream` prints its base URL and serves until it is killed. The question says what to answer:
`prose 8000 100` is 8,000 chunks of Markdown, 100 of them a second; `code 4000 200` is one code block; in `clock 500 50`
each chunk is the time at which it was sent.
"""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import cycle, islice

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Mount, Route

from benchmarks.chunk_server import COMMENT, event
from orchat.demo.app import create_app
from orchat.demo.catalogue import Catalogue, load_catalogue
from orchat.demo.state import DemoState

MODELS = 420
STAMPS_IN_A_BLOCK = 40
CHARACTERS = 4
"""The length of a chunk's text."""
PROSE = """## Rivers and what they carry

A river carries more than water: sand, salt and heat travel with it, and each is set down where the current slows.
Where the valley widens the bed rises, and after a few hundred years the river looks for another one.

- Gravel stays in the **upper** course, sand in the *middle* one.
- Silt reaches the sea, and builds a delta where the tide allows it.

```python
def settle(speed: float, grain: float) -> bool:
    # Coarse grains fall first.
    return speed < 0.3 * grain**0.5
```

| grain | diameter | where it lies |
| --- | --- | --- |
| gravel | 2 mm | below rapids |
| sand | 0.5 mm | inside of bends |

Measured over a year, the load is largest in the first weeks of thaw; what comes later is little beside it.

"""
CODE = "    total = total + weights[index] * values[index]  # the sum so far\n"


def text(kind: str, length: int) -> str:
    """So many characters of an answer."""
    head, body = ("```python\n", CODE) if kind == "code" else ("", PROSE)
    return head + "".join(islice(cycle(body), length - len(head)))


async def paced(kind: str, chunks: int, per_second: float) -> AsyncIterator[bytes]:
    """The events of an answer, each when it is due, however long the one before took."""
    answer = text(kind, chunks * CHARACTERS)
    loop = asyncio.get_running_loop()
    began = loop.time()
    yield COMMENT
    for number in range(chunks):
        await asyncio.sleep(began + number / per_second - loop.time())
        # The clock is the same for all processes: whoever gets the token knows how old it is.
        stamp = f"{time.monotonic():.6f} " + ("\n\n" if number % STAMPS_IN_A_BLOCK == STAMPS_IN_A_BLOCK - 1 else "")
        yield event(stamp if kind == "clock" else answer[number * CHARACTERS : (number + 1) * CHARACTERS])
    usage = {"prompt_tokens": 10, "completion_tokens": chunks, "total_tokens": chunks + 10, "cost": 0.0001}
    for last in (event("", "stop"), event("", "stop", usage), b"data: [DONE]\n\n"):
        yield last


async def _chat(request: Request) -> StreamingResponse:
    question = json.loads(await request.body())["messages"][-1]["content"]
    kind, chunks, per_second = question.split()
    return StreamingResponse(paced(kind, int(chunks), float(per_second)), media_type="text/event-stream")


def large_catalogue() -> Catalogue:
    """As many models as OpenRouter lists: those of the embedded one, and further editions of them."""
    known = tuple(load_catalogue().values())
    editions = [
        replace(
            model,
            id=f"{model.id}-{edition}",
            canonical_slug=f"{model.canonical_slug}-{edition}",
            name=f"{model.name} {edition}",
        )
        for edition in ("second", "third")
        for model in known
        if not model.is_router
    ]
    return Catalogue((*known, *editions)[:MODELS])


def create_upstream() -> Starlette:
    """The server as an ASGI application."""
    embedded = create_app(DemoState(catalogue=large_catalogue()))
    return Starlette(routes=[Route("/api/v1/chat/completions", _chat, methods=["POST"]), Mount("/", embedded)])


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1", flush=True)
    uvicorn.Server(uvicorn.Config(create_upstream(), log_level="error")).run([listening])
