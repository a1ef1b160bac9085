from orchat.demo import DemoServer
from tests.demo.conftest import Client


def listed(client: Client, query: str = "") -> dict[str, dict]:
    return {model["id"]: model for model in client.get(f"/models{query}").json()["data"]}


def test_the_catalogue_is_large_and_says_that_it_is_simulated(client: Client):
    models = listed(client)
    assert len(models) >= 120
    assert len({model_id.split("/")[0] for model_id in models}) >= 20
    assert all("simulated" in model["description"] for model in models.values())


def test_an_entry_has_the_shape_of_openrouters(client: Client):
    sonnet = listed(client)["anthropic/claude-sonnet-4.6"]
    assert sonnet["name"] == "Anthropic: Claude Sonnet 4.6"
    assert sonnet["canonical_slug"] == "anthropic/claude-4.6-sonnet-20260217"
    assert sonnet["pricing"] == {"prompt": "0.000003", "completion": "0.000015"}
    assert sonnet["architecture"]["modality"] == "text+image+file->text"
    assert sonnet["reasoning"]["supports_max_tokens"] is True
    assert "tools" in sonnet["supported_parameters"]


def test_routers_have_no_price_and_no_reasoning(client: Client):
    auto = listed(client)["openrouter/auto"]
    assert auto["pricing"] == {"prompt": "-1", "completion": "-1"}
    assert "reasoning" not in auto


def test_variants_share_a_canonical_slug_and_some_models_expire(client: Client):
    models = listed(client)
    assert models["qwen/qwen3-coder:free"]["canonical_slug"] == models["qwen/qwen3-coder"]["canonical_slug"]
    assert models["openai/gpt-4-turbo"]["expiration_date"] == "2027-01-31"


def test_embedding_models_are_listed_only_on_request(client: Client):
    embedding = "openai/text-embedding-3-small"
    assert embedding not in listed(client)
    assert embedding in listed(client, "?output_modalities=all")
    assert set(listed(client, "?output_modalities=embeddings")) == {
        model["id"] for model in client.get("/embeddings/models").json()["data"]
    }


def test_about_half_of_the_models_can_keep_nothing_and_both_lists_agree(client: Client):
    zdr = set(listed(client, "?zdr=true&output_modalities=all"))
    endpoints = client.get("/endpoints/zdr").json()["data"]
    assert zdr == {endpoint["model_id"] for endpoint in endpoints}
    assert 0.35 < len(zdr) / len(listed(client, "?output_modalities=all")) < 0.65


def test_models_can_be_filtered_by_what_they_support_and_paged(client: Client):
    models = listed(client, "?supported_parameters=tools,reasoning")
    assert models
    assert all({"tools", "reasoning"} <= set(model["supported_parameters"]) for model in models.values())
    page = client.get("/models?offset=10&limit=5").json()
    assert len(page["data"]) == 5
    assert page["total_count"] == len(listed(client)) == client.get("/models/count").json()["data"]["count"]
    assert client.get("/models?limit=x").status_code == 400


def test_the_endpoints_of_a_model_are_found_by_id_and_slug_and_measured_for_key_holders(demo: DemoServer):
    with Client(demo) as client:
        data = client.get("/models/openai/gpt-4.1/endpoints").json()["data"]
        assert [endpoint["tag"] for endpoint in data["endpoints"]] == ["openai", "azure"]
        assert data["endpoints"][0]["throughput_last_30m"]["p50"] > 0
        del client.headers["Authorization"]
        anonymous = client.get("/models/openai/gpt-4.1-20250414/endpoints").json()["data"]
        assert anonymous["endpoints"][0]["throughput_last_30m"] is None
        assert client.get("/models/openai/gpt-99/endpoints").status_code == 404


def test_the_models_of_a_user_need_a_key_and_the_others_do_not(client: Client):
    del client.headers["Authorization"]
    assert client.get("/models").status_code == 200
    assert client.get("/models/user").status_code == 401


def test_browsers_of_any_origin_may_read_the_answers(client: Client):
    assert client.get("/models").headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/credits").headers["Access-Control-Allow-Origin"] == "*"
    assert client.options("/chat/completions").status_code == 204
