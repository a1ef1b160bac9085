import base64
import struct

import pytest

from tests.demo.conftest import Client

SMALL = "openai/text-embedding-3-small"


def embed(client: Client, *texts: str, **body: object) -> dict:
    return client.post("/embeddings", json={"model": SMALL, "input": list(texts), **body}).json()


def test_texts_that_share_words_lie_closer_together(client: Client):
    a, b, c = (item["embedding"] for item in embed(client, "the lazy dog", "a lazy dog", "tax law")["data"])
    assert len(a) == 1536
    assert dot(a, a) == pytest.approx(1)
    assert dot(a, b) > 0.5 > abs(dot(a, c))


def test_base64_and_fewer_dimensions_can_be_asked_for(client: Client):
    plain = embed(client, "dog", dimensions=64)["data"][0]["embedding"]
    packed = embed(client, "dog", dimensions=64, encoding_format="base64")["data"][0]["embedding"]
    assert struct.unpack("<64f", base64.b64decode(packed)) == pytest.approx(plain)


def test_embeddings_are_billed(client: Client, demo: object):
    usage = embed(client, "x" * 4000)["usage"]
    assert usage["prompt_tokens"] == 1000
    assert 5.0 - demo.credits == pytest.approx(usage["cost"]) == pytest.approx(1000 * 0.02e-6)


@pytest.mark.parametrize(
    "body, status",
    [
        ({"model": "openai/gpt-4.1"}, 404),
        ({"model": "acme/x"}, 400),
        ({"input": []}, 400),
        ({"dimensions": 0}, 400),
        ({"provider": {"zrd": True}}, 400),
        ({"model": "nvidia/llama-nemotron-embed-vl-1b-v2", "provider": {"zdr": True}}, 404),
    ],
)
def test_what_cannot_be_embedded_is_refused(client: Client, body: dict, status: int):
    response = client.post("/embeddings", json={"model": SMALL, "input": "x", **body})
    assert response.status_code == status
    assert response.json()["error"]["code"] == status


def dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
