"""Zero data retention that the model was made with is in every request, whatever a call says."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.runnables import ConfigurableField

from orchat import ChatOpenRouter
from orchat.errors import InvalidRequestError, ZDRConflictError
from tests.agent.openrouter.conftest import SEARCH, Make, sent, streamed
from tests.openrouter.upstream import Upstream

MADE = {
    "zdr": {"zdr": True},
    "provider": {"openrouter_provider": {"zdr": True, "max_price": {"prompt": 1}}},
    "unknown": {"provider": {"zdr": True}},
    "model_kwargs": {"model_kwargs": {"zdr": True}},
    "model_kwargs-provider": {"model_kwargs": {"provider": {"zdr": True}}},
    "extra_body": {"extra_body": {"zdr": True}},
    "extra_body-provider": {"extra_body": {"provider": {"zdr": True}}, "openrouter_provider": {"sort": "price"}},
}
CALLED = {
    "nothing": {},
    "zdr": {"zdr": False},
    "provider": {"provider": {"zdr": False, "sort": "price"}},
    "no-provider": {"provider": None},
    "extra_body": {"extra_body": {"zdr": False}},
    "extra_body-provider": {"extra_body": {"provider": {"zdr": False}}},
    "model": {"model": "other/model"},
    "fallbacks": {"models": ["other/model", "third/model"]},
    "headers": {"extra_headers": {"X-OpenRouter-ZDR": "false"}},
    "collection": {"provider": {"data_collection": "allow"}},
}


def private(upstream: Upstream) -> bool:
    assert upstream.requests
    return all(
        request.body["provider"]["zdr"] is True
        and request.body["provider"]["data_collection"] == "deny"
        and request.headers["x-openrouter-zdr"] == "true"
        and "zdr" not in request.body
        for request in upstream.requests
    )


@pytest.mark.parametrize("call", CALLED.values(), ids=CALLED)
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_no_call_switches_it_off(model: Make, upstream: Upstream, made: dict[str, Any], call: dict[str, Any]):
    asked = model(**made)
    asked.invoke("Hello?", **call)
    streamed(asked, **call)
    asyncio.run(asked.ainvoke("Hello?", **call))
    asked.bind(**call).invoke("Hello?")
    asked.bind_tools([], **call).invoke("Hello?")
    asked.with_config(tags=["x"]).invoke("Hello?", **call)
    assert private(upstream)


def test_the_client_s_own_word_for_routing_is_no_parameter(model: Make, upstream: Upstream):
    for made in ({"model_kwargs": {"routing": {}}}, {"extra_body": {"routing": {}}}):
        with pytest.raises(InvalidRequestError):
            model(zdr=True, **made).invoke("Hello?")
    with pytest.raises(InvalidRequestError):
        model(zdr=True).invoke("Hello?", routing={})
    assert upstream.requests == []


CHANGED: dict[str, Callable[[ChatOpenRouter], Any]] = {
    "provider": lambda model: model.configurable_fields(openrouter_provider=ConfigurableField(id="p")).with_config(
        configurable={"p": {"sort": "price"}}
    ),
    "copy": lambda model: model.model_copy(update={"openrouter_provider": {"zdr": False}, "temperature": 0.5}),
    "fallbacks": lambda model: model.with_fallbacks([model]),
    "retry": lambda model: model.with_retry(),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_it_goes_with_whatever_is_made_of_the_model(model: Make, upstream: Upstream, change: Callable[..., Any]):
    change(model(openrouter_provider={"zdr": True})).invoke("Hello?")
    assert private(upstream)


@pytest.mark.parametrize(
    "wanted", [{"zdr": True}, {"provider": {"zdr": True}}, {"extra_body": {"provider": {"zdr": True}}}]
)
def test_it_can_be_switched_on_for_a_call_and_what_is_bound_stays(
    model: Make, upstream: Upstream, wanted: dict[str, Any]
):
    model().invoke("Hello?", **wanted)
    model().bind(**wanted).invoke("Hello?", zdr=False, provider={"zdr": False})
    model().bind_tools([{"name": "f", "parameters": {}}], **wanted).invoke("Hello?", zdr=False)
    assert private(upstream)


WRAPPED: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda model: model,
    "config": lambda model: model.with_config(tags=["x"]),
    "parameters": lambda model: model.bind(temperature=0.5),
    "tools": lambda model: model.bind_tools([{"name": "f", "parameters": {}}]),
    "own-tools": lambda model: model.bind_tools([]),
    "types": lambda model: model.with_types(input_type=str),
    "listeners": lambda model: model.with_listeners(on_start=lambda _: None),
    "retry": lambda model: model.with_retry(),
    "retry-of-tools": lambda model: model.bind(temperature=0.5).with_retry(),
    "fallbacks": lambda model: model.with_fallbacks([model]),
    "all": lambda model: model.bind(temperature=0.5).with_config(tags=["x"]).with_fallbacks([model]).with_retry(),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_what_is_bound_stays_whatever_was_made_of_the_model_before(
    model: Make, upstream: Upstream, wrap: Callable[..., Any]
):
    bound = wrap(model()).bind(zdr=True)
    bound.invoke("Hello?", zdr=False, provider={"zdr": False})
    bound.bind(zdr=False).invoke("Hello?")
    bound.with_config(tags=["y"]).bind(extra_body={"zdr": False}).invoke("Hello?", zdr=False)
    assert private(upstream)


def test_a_model_that_something_else_was_bound_to_is_not_changed(model: Make, upstream: Upstream):
    plain = model()
    plain.bind(zdr=True)
    plain.bind(temperature=0.5).invoke("Hello?")
    assert "zdr" not in upstream.requests[0].body.get("provider", {})


def test_it_is_off_where_nobody_asked_for_it(model: Make, upstream: Upstream):
    model(openrouter_provider={"zdr": False}).invoke("Hello?", zdr=False)
    assert "zdr" not in sent(upstream)
    assert "x-openrouter-zdr" not in upstream.requests[0].headers


@pytest.mark.parametrize(
    "options",
    [
        {"plugins": [{"id": "web"}]},
        {"model": "maker/model:online"},
        {"models": ["other/model:online"]},
        {"model": "@preset/mine"},
        {"web_search_options": {"search_context_size": "low"}},
    ],
    ids=["plugin", "online", "online-fallback", "preset", "web-search"],
)
def test_what_it_cannot_cover_is_refused_before_anything_is_sent(
    model: Make, upstream: Upstream, options: dict[str, Any]
):
    with pytest.raises(ZDRConflictError):
        model(zdr=True, **options).invoke("Hello?")
    assert upstream.requests == []


def test_server_tools_are_refused_under_it(model: Make, upstream: Upstream):
    with pytest.raises(ZDRConflictError, match="openrouter:web_search"):
        model(zdr=True).bind_tools([SEARCH]).invoke("Hello?")
    assert upstream.requests == []


@pytest.mark.parametrize(
    "preferences",
    [
        "zdr",
        {"zdr": "yes"},
        {"zdr": 1},
        {"allow_fallbacks": 1},
        {"max_price": 3},
        {"data_collection": "no"},
        {"only": "anthropic"},
        {"order": "anthropic"},
    ],
)
def test_bad_preferences_fail_loudly(model: Make, upstream: Upstream, preferences: Any):
    with pytest.raises((InvalidRequestError, ValueError)):
        model(openrouter_provider=preferences)
    for call in ({"provider": preferences}, {"extra_body": {"provider": preferences}}):
        with pytest.raises(InvalidRequestError):
            model().invoke("Hello?", **call)
    assert upstream.requests == []
