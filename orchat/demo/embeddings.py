"""POST /embeddings: vectors in which texts that share words lie close together."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from orchat.demo.account import require_inference_key
from orchat.demo.body import read_json
from orchat.demo.catalogue import Catalogue
from orchat.demo.chat_request import ChatRequest, check_provider
from orchat.demo.endpoints import select_endpoints
from orchat.demo.errors import bad_request, no_endpoints, unknown_model
from orchat.demo.models import Model
from orchat.demo.prompt import count_tokens, words_of
from orchat.demo.shapes import PROVIDER, check_shape
from orchat.demo.state import DemoState

_DIMENSIONS = {
    "openai/text-embedding-3-small": 1536,
    "openai/text-embedding-3-large": 3072,
    "qwen/qwen3-embedding-0.6b": 1024,
    "qwen/qwen3-embedding-8b": 4096,
    "nvidia/llama-nemotron-embed-vl-1b-v2": 2048,
}
_PLACES_PER_WORD = 8


async def embeddings(request: Request) -> JSONResponse:
    """Embed one text or a list of them."""
    state: DemoState = request.app.state.demo
    require_inference_key(request.headers)
    paying = state.made_keys.admit(request.headers)
    body = await read_json(request)
    texts = _texts(body)
    model = model_that_gives(state.catalogue, body, "embeddings")
    check_shape(body.get("provider"), PROVIDER, "provider")
    check_provider(body.get("provider"))
    select_endpoints(model, ChatRequest({"messages": [], **body}, request.headers))
    dimensions = body.get("dimensions", _DIMENSIONS[model.id])
    if not isinstance(dimensions, int) or not 1 <= dimensions <= _DIMENSIONS[model.id]:
        raise bad_request(f"dimensions must be between 1 and {_DIMENSIONS[model.id]}")
    tokens = sum(count_tokens(text) for text in texts)
    cost = sum(model.price(tokens, 0))
    state.account.credits -= cost
    if paying is not None:
        paying.used += cost
    encode = _base64 if body.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": index, "embedding": encode(embed(text, dimensions))}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens, "cost": cost, "is_byok": False}
    return JSONResponse({"object": "list", "data": data, "model": model.id, "usage": usage})


def embed(text: str, dimensions: int) -> list[float]:
    """A unit vector: each word adds or takes one at a few places of its own."""
    vector = [0.0] * dimensions
    for word in words_of(text) or [text]:
        digest = hashlib.blake2b(word.encode(), digest_size=4 * _PLACES_PER_WORD).digest()
        for (number,) in struct.iter_unpack("<I", digest):
            vector[(number >> 1) % dimensions] += 1.0 if number & 1 else -1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


def _texts(body: Any) -> list[str]:
    given = body.get("input") if isinstance(body, dict) else None
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise bad_request("input must be a text or a list of texts, none of them empty")
    return texts


def model_that_gives(catalogue: Catalogue, body: dict[str, Any], output: str) -> Model:
    """The model that a request names, if what it puts out is `output`."""
    model_id = str(body.get("model"))
    model = catalogue.find(model_id)
    if model is None:
        raise unknown_model(model_id)
    if output not in model.outputs:
        raise no_endpoints(f"No endpoints found for {model_id} that support {output}.", model_id)
    return model


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
