from typing import Any

import pytest

from orchat.openrouter import Catalogue, Endpoint, Model

SLUG = "anthropic/claude-4.6-sonnet-20260217"


def model(model_id: str, **fields: Any) -> Model:
    return Model.from_wire({"id": model_id, **fields})


FREE = model("anthropic/claude-sonnet-4.6:free", canonical_slug=SLUG)
BASE = model("anthropic/claude-sonnet-4.6", canonical_slug=SLUG, name="Anthropic: Claude Sonnet 4.6")
BATCH = model("anthropic/claude-sonnet-4.6:batch", canonical_slug=SLUG)
TOOLS = model("acme/tools", supported_parameters=["tools"])
AUTO = model("openrouter/auto")
ENDPOINTS = [Endpoint.from_wire({"model_id": "anthropic/claude-sonnet-4.6"})]
CATALOGUE = Catalogue([FREE, BASE, BATCH, TOOLS, AUTO], ENDPOINTS)


def test_models_are_found_by_id():
    assert CATALOGUE.find("acme/tools") is TOOLS
    assert CATALOGUE.find("anthropic/claude-sonnet-4.6:free") is FREE


@pytest.mark.parametrize("suffix", [":nitro", ":floor", ":exacto", ":online", ":online:nitro"])
def test_dynamic_suffixes_name_the_same_model(suffix: str):
    assert CATALOGUE.find(BASE.id + suffix) is BASE
    assert CATALOGUE.find(FREE.id + suffix) is FREE


def test_a_slug_that_several_share_means_the_one_without_a_suffix():
    assert CATALOGUE.find(SLUG) is BASE
    assert Catalogue([BASE, BATCH, FREE]).find(SLUG) is BASE


@pytest.mark.parametrize("asked", [FREE, BASE, BATCH])
def test_a_shared_slug_means_the_model_that_was_asked_for(asked: Model):
    assert CATALOGUE.find(SLUG, asked=asked.id + ":nitro") is asked


def test_a_slug_that_is_the_id_of_another_means_the_model_that_was_asked_for():
    base, free = model("a/b"), model("a/b:free", canonical_slug="a/b")
    assert Catalogue([base, free]).find("a/b", asked="a/b:free") is free
    assert Catalogue([base, free]).find("a/b") is base


def test_who_answers_in_place_of_the_model_asked_for_is_found():
    assert CATALOGUE.find(SLUG, asked="openrouter/auto") is BASE
    assert CATALOGUE.find("acme/tools", asked=BASE.id) is TOOLS


def test_what_is_not_listed_is_not_found_and_keeps_its_id_as_a_name():
    assert CATALOGUE.find("acme/unknown", asked="acme/gone") is None
    assert CATALOGUE.name_of("acme/unknown") == "acme/unknown"
    assert CATALOGUE.name_of(SLUG) == "Claude Sonnet 4.6"


def test_models_with_zdr_or_with_a_parameter_can_be_asked_for():
    assert CATALOGUE.offered(zdr=True) == [BASE, AUTO]
    assert CATALOGUE.offered(parameter="tools") == [TOOLS]
    assert len(CATALOGUE.offered()) == len(CATALOGUE) == 5


def test_a_free_model_costs_nothing_and_an_unknown_price_is_not_free():
    assert model("a/b", pricing={"prompt": "0", "completion": "0"}).free
    assert not model("a/b", pricing={}).free
    assert not model("a/b").free


def priced(model_id: str, price: str) -> Model:
    maker, _, name = model_id.partition("/")
    return model(model_id, name=f"{maker}: {name}", pricing={"prompt": price, "completion": price})


WANTED = priced("acme/wanted", "0.000005")


@pytest.mark.parametrize(
    "offered, nearest",
    [
        (["acme/dearer 6", "other/much-cheaper 1"], "other/much-cheaper"),
        (["other/same 5", "acme/cheaper 2"], "acme/cheaper"),
        (["acme/cheapest 1", "acme/cheaper 3"], "acme/cheaper"),
        (["acme/dearest 9", "other/dearer 6", "acme/dear 7"], "acme/dear"),
    ],
    ids=["never dearer", "the same maker", "the nearest price", "only dearer ones"],
)
def test_the_nearest_model_stands_in(offered: list[str], nearest: str):
    names = (entry.split() for entry in offered)
    models = [priced(name, f"0.00000{price}") for name, price in names]
    found = Catalogue([AUTO, WANTED, *models]).nearest(WANTED.id, [AUTO, *models])
    assert found is not None
    assert found.id == nearest


def test_for_a_model_that_is_not_listed_the_first_that_is_no_router_stands_in():
    assert CATALOGUE.nearest("no/such", [AUTO, TOOLS, BASE]) is TOOLS
    assert CATALOGUE.nearest("no/such", [AUTO]) is AUTO
    assert CATALOGUE.nearest("no/such", []) is None


@pytest.mark.parametrize(
    ("entry", "thinks"),
    [
        ({"supported_parameters": ["reasoning"]}, True),
        ({"supported_parameters": ["tools"], "reasoning": {"mandatory": True}}, True),
        ({"supported_parameters": ["tools"]}, False),
    ],
)
def test_a_model_that_always_thinks_has_no_parameter_for_it_and_thinks_all_the_same(entry: dict, thinks: bool):
    assert Model.from_wire({"id": "a/b", **entry}).thinks is thinks
