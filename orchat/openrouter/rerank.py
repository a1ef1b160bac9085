"""Reranking: documents in the order in which they answer a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchat.errors import InvalidRequestError, MalformedResponseError
from orchat.openrouter.request import Request, inference_request
from orchat.openrouter.routing import Routing
from orchat.usage import Usage


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document, by its place in the list that was sent, and how well it answers; most models score from 0 to 1."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The documents that were asked for, best first."""

    results: list[Ranked]
    model: str | None
    provider: str | None
    usage: Usage

    @classmethod
    def from_wire(cls, body: Mapping[str, Any], *, count: int) -> "Ranking":
        """Read the answer of `/rerank` for `count` documents.

        Raises:
            MalformedResponseError: it is no list of scores for documents that were sent.
        """
        try:
            results = [Ranked(int(row["index"]), float(row["relevance_score"])) for row in body["results"]]
        except (KeyError, TypeError, ValueError):
            results = None
        if results is None or not {ranked.index for ranked in results} <= set(range(count)):
            raise MalformedResponseError("The ranking did not come as one score for each document.")
        results.sort(key=lambda ranked: -ranked.score)
        return cls(results, body.get("model"), body.get("provider"), Usage.from_wire(body.get("usage") or {}))


def rerank_request(
    query: str, documents: Sequence[str], model: str, routing: Routing, parameters: Mapping[str, Any]
) -> Request:
    """Return the request that sorts `documents`.

    Raises:
        InvalidRequestError: there is nothing to sort.
    """
    if isinstance(documents, str) or not documents:
        raise InvalidRequestError("Reranking takes a non-empty list of texts.")
    body = {"model": model, "query": query, "documents": list(documents), **parameters}
    return inference_request("/rerank", body, Routing(zdr=routing.zdr, provider=routing.provider))
