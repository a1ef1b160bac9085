"""The fields of the route: models that stand in for the chosen one, and who may serve it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from orchat.presets.routes import (
    FALLBACKS,
    HIGHEST_PRICE,
    IGNORE,
    MOST_FALLBACKS,
    MOST_IN,
    MOST_OUT,
    MOST_PROVIDERS,
    NO_TRAINING,
    ONLY,
    ORDER,
    SORT,
    SORTS,
    cleaned,
)
from orchat.ui import resources, session
from orchat.ui.wording import model_labels, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchat.openrouter import Catalogue

SECTION = "routing-section"
SORTED_BY = {
    "price": "Cheapest first",
    "throughput": "Most tokens per second first",
    "latency": "Quickest to begin first",
}
CHOICES = {
    ORDER: ("Providers to try first", "In this order, and then the others."),
    ONLY: ("Only these providers", "If none of them serves the model, it is not asked at all."),
    IGNORE: ("Never these providers", "Nor for the chat's title, or what tools ask a model."),
}


def draw(catalogue: Catalogue, *, zdr: bool) -> None:
    """Draw the section, and what is set and not sent."""
    route = session.current().request.route
    # Closed, its label stays the same, and nothing in it is drawn: hundreds of models to choose from.
    section = st.expander("Routing", icon=":material/alt_route:", key=SECTION, on_change="rerun", type="compact")
    if section.open:
        with section:
            _draw_fields(route, catalogue, zdr=zdr)
    if told := said(route, catalogue, zdr=zdr):
        st.markdown(f":small[:orange[{plain(told)}]]")


def _draw_fields(route: Mapping[str, Any], catalogue: Catalogue, *, zdr: bool) -> None:
    kept, rules = list(route.get(FALLBACKS, ())), resources.services().live.rules()
    models = [model.id for model in catalogue.offered(zdr=zdr, rules=rules)]
    labels = model_labels(catalogue)
    _several(
        FALLBACKS,
        "Models that stand in",
        [*models, *(name for name in kept if name not in models)],
        MOST_FALLBACKS,
        {name: labels.get(name, name) for name in {*models, *kept}},
        "Tried in this order when the chosen model fails. You pay for the one that answers.",
    )
    value = route.get(SORT)
    st.selectbox(
        "Order of providers",
        SORTS,
        index=None,
        key=session.field_key(f"route-{SORT}", value),
        format_func=lambda sort: SORTED_BY[sort],
        placeholder="OpenRouter’s balance of price and uptime",
        persist_state="session",
        on_change=_set,
        args=(SORT,),
    )
    slugs = {provider.slug: provider.name for provider in catalogue.providers if rules.allow_provider(provider.slug)}
    for name, (label, about) in CHOICES.items():
        kept = list(route.get(name, ()))
        names = {**slugs, **{slug: slugs.get(slug, slug) for slug in kept}}
        _several(name, label, sorted(names, key=lambda slug: names[slug].lower()), MOST_PROVIDERS, names, about)
    left, right = st.columns(2)
    with left:
        _price(MOST_IN, "Most to read, $ per million", route)
    with right:
        _price(MOST_OUT, "Most to write, $ per million", route)
    st.toggle(
        "No provider that trains on it",
        key=session.field_key(f"route-{NO_TRAINING}", bool(route.get(NO_TRAINING))),
        help="Asks for `data_collection: deny`. Zero data retention, which is stricter, asks for it too.",
        persist_state="session",
        on_change=_set,
        args=(NO_TRAINING,),
    )
    if route:
        st.button("Clear the routing", key="clear-route", type="tertiary", on_click=_clear)


def usable(route: Mapping[str, Any], catalogue: Catalogue, *, zdr: bool) -> tuple[list[str], list[str]]:
    """Return the models that stand in, and those that are kept and cannot, here or as things are set."""
    rules = resources.services().live.rules()
    wanted = list(cleaned(route).get(FALLBACKS, ()))
    can = {model.id for model in catalogue.offered(zdr=zdr, rules=rules)} if wanted else set()
    return [name for name in wanted if name in can], [name for name in wanted if name not in can]


def said(route: Mapping[str, Any], catalogue: Catalogue, *, zdr: bool) -> str:
    """Return what is kept and not sent."""
    parts = []
    if left_out := usable(route, catalogue, zdr=zdr)[1]:
        names = ", ".join(catalogue.name_of(name) for name in left_out)
        parts.append(f"Kept, but not asked to stand in: {names} (not on offer, forbidden here, or without ZDR).")
    rules = resources.services().live.rules()
    if forbidden := [slug for name in (ORDER, ONLY) for slug in route.get(name, ()) if not rules.allow_provider(slug)]:
        parts.append(f"Forbidden by whoever runs this orchat, and left out: {', '.join(dict.fromkeys(forbidden))}.")
    return " ".join(parts)


def _several(name: str, label: str, options: list[str], most: int, names: Mapping[str, str], about: str) -> None:
    st.multiselect(
        label,
        options,
        key=session.field_key(f"route-{name}", list(session.current().request.route.get(name, ()))),
        format_func=lambda each: names.get(each, each),
        max_selections=most,
        placeholder="None" if name != ONLY else "All",
        help=about,
        persist_state="session",
        on_change=_set,
        args=(name,),
    )


def _price(name: str, label: str, route: Mapping[str, Any]) -> None:
    st.number_input(
        label,
        min_value=0.0,
        max_value=HIGHEST_PRICE,
        value=None,
        step=0.5,
        key=session.field_key(f"route-{name}", route.get(name)),
        placeholder="Any price",
        help="A provider that asks for more is not used.",
        persist_state="session",
        on_change=_set,
        args=(name,),
    )


def _set(name: str) -> None:
    current = session.current()
    others = {other: value for other, value in current.request.route.items() if other != name}
    current.request = replace(current.request, route=cleaned({**others, name: session.field_value(f"route-{name}")}))


def _clear() -> None:
    current = session.current()
    current.set_request(replace(current.request, route={}))
