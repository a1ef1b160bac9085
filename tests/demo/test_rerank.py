import pytest

from tests.demo.conftest import Client

MODEL = "cohere/rerank-v3.5"
DOCUMENTS = ["Berlin is in Germany.", "Tides follow the moon.", "Paris is the capital of France."]


def rerank(client: Client, **body: object) -> dict:
    asked = {"model": MODEL, "query": "the capital of France", "documents": DOCUMENTS, **body}
    return client.post("/rerank", json=asked).json()


def test_documents_come_sorted_with_their_place_in_the_list(client: Client):
    body = rerank(client)
    assert [row["index"] for row in body["results"]] == [2, 1, 0]
    scores = [row["relevance_score"] for row in body["results"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert body["results"][0]["document"] == {"text": DOCUMENTS[2]}
    assert (body["model"], body["provider"]) == (MODEL, "Cohere")


def test_only_the_best_can_be_asked_for(client: Client):
    assert [row["index"] for row in rerank(client, top_n=1)["results"]] == [2]


def test_a_document_may_be_an_object(client: Client):
    assert rerank(client, documents=[{"text": "France"}])["results"][0]["relevance_score"] == 0.25


def test_reranking_is_billed(client: Client, demo: object):
    usage = rerank(client)["usage"]
    assert usage["search_units"] == 1
    assert 5.0 - demo.credits == pytest.approx(usage["cost"]) == pytest.approx(usage["total_tokens"] * 2e-6)


@pytest.mark.parametrize(
    "body, status",
    [
        ({"model": "openai/gpt-4.1"}, 404),
        ({"model": "acme/x"}, 400),
        ({"documents": []}, 400),
        ({"documents": [3]}, 400),
        ({"query": None}, 400),
        ({"top_n": -1}, 400),
        ({"provider": {"zrd": True}}, 400),
        ({"model": "cohere/rerank-4-pro", "provider": {"zdr": True}}, 404),
    ],
)
def test_what_cannot_be_reranked_is_refused(client: Client, body: dict, status: int):
    assert rerank(client, **body)["error"]["code"] == status


def test_zero_data_retention_chooses_an_endpoint_that_keeps_nothing(client: Client):
    assert rerank(client, provider={"zdr": True})["provider"] == "Azure"
