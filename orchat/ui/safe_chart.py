"""Charts that tools have made: whether drawing one would make the browser load something."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchat.wire import objects

MAPS = {
    "scattergeo",
    "choropleth",
    *(f"{kind}{maps}" for kind in ("scatter", "choropleth", "density") for maps in ("map", "mapbox")),
}
"""Plotly's traces that fetch tiles or outlines from their makers, whatever the chart says."""
ADDRESSES = {"url", "href", "source", "images"}
"""What both libraries call an address to load, or a list of pictures."""
_STYLED = re.compile(r"<[^>]*=")
"""A tag with an attribute: Plotly takes the style of a text over as it stands."""
_LOADING = re.compile(r"\b(?:url|src|image|image-set|cross-fade|element)\s*\(|\\[ux]", re.IGNORECASE)
"""What loads something in CSS, and what can hide it in an expression."""
_PICTURE = re.compile(r"""(?:^|['"\[{,.])\s*image\s*(?:$|['"\]},:.])""")
"""A field of this name is a picture to Vega's tooltip, and so is a mark."""


def loads_nothing(chart: Mapping[str, Any], *, plotly: bool) -> bool:
    """Whether a chart can be drawn without an address being fetched, which would tell its server who looks at it."""
    if _names_an_address(chart):
        return False
    if plotly:
        is_map = any(trace.get("type") in MAPS for trace in objects(chart.get("data")))
        return not is_map and not any(map(_STYLED.search, _texts(chart)))
    return not _has_a_data_tooltip(chart) and not any(
        _LOADING.search(text) or _PICTURE.search(text) for text in _texts(chart)
    )


def _parts(chart: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what is in a chart, each with its name, but for the rows of its data.

    A column may be called `source` or hold an address: only an encoding makes something of it that is loaded.
    """
    waiting: list[tuple[str, Any]] = [("", chart)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            inside = [(key, part) for key, part in one.items() if not _is_rows(name, key)]
            yield from inside
            waiting.extend(inside)
        elif isinstance(one, list):
            # In a list each has the name of the list: a chart may have several sets of data.
            waiting.extend((name, part) for part in one)
            yield from ((name, part) for part in one if isinstance(part, str))


def _is_rows(above: str, key: str) -> bool:
    return key == "datasets" or (key == "values" and above == "data")


def _names_an_address(chart: Mapping[str, Any]) -> bool:
    return any(name in ADDRESSES and part for name, part in _parts(chart))


def _texts(chart: Mapping[str, Any]) -> Iterator[str]:
    return (part for _, part in _parts(chart) if isinstance(part, str))


def _has_a_data_tooltip(chart: Mapping[str, Any]) -> bool:
    """Whether a tooltip shows all columns, of whatever name."""
    return any(name == "tooltip" and isinstance(part, dict) and "content" in part for name, part in _parts(chart))
