"""Embeddings: texts as vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchat.errors import InvalidRequestError, MalformedResponseError
from orchat.openrouter.models import listed
from orchat.openrouter.request import Request, inference_request
from orchat.openrouter.routing import Routing
from orchat.usage import Usage


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector of floats for each text, in the order of the texts."""

    vectors: list[list[float]]
    model: str | None
    usage: Usage

    @classmethod
    def from_wire(cls, body: Mapping[str, Any], *, count: int) -> "Embeddings":
        """Read the answer of `/embeddings` for `count` texts; its `index` is optional.

        Raises:
            MalformedResponseError: there is not one list of numbers for each text.
        """
        rows = list(enumerate(listed(body, "embedding")))
        ordered = sorted(rows, key=lambda row: row[0] if row[1].get("index") is None else row[1]["index"])
        vectors = [row["embedding"] for _, row in ordered]
        if len(vectors) != count or not all(isinstance(vector, list) for vector in vectors):
            raise MalformedResponseError("The embeddings did not come as one list of numbers for each text.")
        return cls(vectors, body.get("model"), Usage.from_wire(body.get("usage") or {}))


def embeddings_request(texts: Sequence[str], model: str, routing: Routing, parameters: Mapping[str, Any]) -> Request:
    """Return the request for the vectors of `texts`.

    Raises:
        InvalidRequestError: there is nothing to embed.
    """
    if isinstance(texts, str) or not texts:
        raise InvalidRequestError("Embedding takes a non-empty list of texts.")
    # Asked for explicitly, since some servers default to base64.
    body = {"model": model, "input": list(texts), "encoding_format": "float", **parameters}
    return inference_request("/embeddings", body, Routing(zdr=routing.zdr, provider=routing.provider))
