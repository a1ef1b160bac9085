"""Charts that tools have made: whether drawing one would make the browser load something."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MAPS = {
    "scattergeo",
    "choropleth",
    *(f"{kind}{maps}" for kind in ("scatter", "choropleth", "density") for maps in ("map", "mapbox")),
}
"""Plotly's traces that fetch tiles or outlines from their makers, whatever the chart says."""
ADDRESSES = {"url", "href", "source", "images"}
"""What both libraries call an address to load, or a list of pictures."""
IMAGE = "image"
"""What Vega's tooltip shows as a picture, if an object that it shows has it."""
ARGUMENTS = {"args", "args2"}
"""Of Plotly's buttons: what they change, by its path in the chart."""
COMPUTED = {"signal", "expr", "field", "scale"}
"""What Vega finds out only as it draws."""
CONTROLS = {"range", "select", "radio", "checkbox", "text", "number", "color", "date", "time", "search"}
CONTROL = {"input", "name", "min", "max", "step", "options", "labels", "placeholder", "debounce"}
"""What a control of Vega may have: it takes over anything else as an attribute of HTML."""

_STEP = re.compile(r"[.\[\]]+")
_TAG = re.compile(r"<(?:b|i|br|sub|sup|s|u|em)\s*/?>", re.IGNORECASE)
_TAG_TO_BE = re.compile(
    # What a tag with attributes begins with, or what more text may make one of. `<^` and `<<` fill numbers with `<`.
    r"<(?:[<%^]|$|(?:a|br?|i|s(?:u[bp]?|p(?:an?)?)?|u|em?)(?:[\s<>%]|$))",
    re.IGNORECASE,
)
_TAG_OF_DATA = re.compile(r"%\{[^}]*<")
"""A number format of a template: it may fill a text with `<`."""
_LOADING = re.compile(r"\b(?:url|src|image|image-set|cross-fade|element)\s*\(", re.IGNORECASE)
"""What loads something in CSS."""
_HIDDEN = re.compile(r"\\[ux0-9]")
_ESCAPE = re.compile(r"\\(?:\r\n|[\r\n\u2028\u2029])?|[\ufeff\u180e]")
"""What an expression passes over: the backslash of an escape, and white space that is none to others."""
_PICTURE = re.compile(r"""(?:^|['"\[{,.])\s*image\s*(?:$|['"\]},:.])""")
"""A field of this name is a picture to Vega's tooltip, and so is a mark."""


def loads_nothing(chart: Mapping[str, Any], *, plotly: bool) -> bool:
    """Whether a chart can be drawn without an address being fetched, which would tell its server who looks at it."""
    return _plotly_loads_nothing(chart) if plotly else _vega_loads_nothing(chart)


def _plotly_loads_nothing(chart: Mapping[str, Any]) -> bool:
    parts = list(_parts(chart))
    texts = [(name, part) for name, part in parts if isinstance(part, str)]
    if any(_names_an_address(name, text) or not _is_plain_text(text) for name, text in texts):
        return False
    # Not the template: it has styles for traces of every type.
    drawn = [chart.get("data"), chart.get("frames"), *(part for name, part in parts if name in ARGUMENTS)]
    return not any(
        isinstance(part, str) and part in MAPS and (name in ARGUMENTS or name.endswith("type"))
        for name, part in _parts({"args": drawn})
    )


def _names_an_address(name: str, text: str) -> bool:
    """Whether a text of Plotly's is an address, or a path to one: it understands a path as a name, too."""
    path = [_STEP.split(name)[-1], *(_STEP.split(text) if name in ARGUMENTS else ())]
    return bool(text) and not ADDRESSES.isdisjoint(path)


def _is_plain_text(text: str) -> bool:
    """Whether Plotly makes no tag with attributes of a text: neither by itself, nor put together with others.

    It puts texts together where a template names data and between a prefix and a suffix, and only then looks for tags.
    So each `<` must be followed, in its own text, by what no style can belong to.
    """
    return "<" not in text or not (_TAG_TO_BE.search(_TAG.sub("", text)) or _TAG_OF_DATA.search(text))


def _vega_loads_nothing(chart: Mapping[str, Any]) -> bool:
    rows: list[Any] = []
    parts = list(_parts(chart, rows))
    if any(_loads(name, part) for name, part in parts):
        return False
    if any(isinstance(part, str) and _LOADING.search(part) for _, part in _parts({"rows": rows})):
        # As a colour.
        return False
    # In Vega-Lite a list of fields is shown as texts; in Vega itself it is one of rules.
    whole = (dict, list) if any(name == "marks" for name, _ in parts) else dict
    shows_objects = any(name == "tooltip" and isinstance(part, whole) for name, part in parts)
    return not (shows_objects and _may_have_pictures(rows, pivoted="pivot" in {*_texts(parts)}))


def _may_have_pictures(rows: list[Any], *, pivoted: bool) -> bool:
    """Whether an object of the data may have a picture: by a column, the head of a text, or a value made a column."""
    if any(isinstance(text, str) and (IMAGE in text or "\\" in text) for text in rows):
        return True
    return any(name == IMAGE or (pivoted and part == IMAGE) for name, part in _parts({"rows": rows}))


def puts_together(chart: Mapping[str, Any]) -> bool:
    """Whether a chart of Vega computes while it is drawn: it may make an address then that nobody has seen before."""
    return any(name in {"expr", "signal", "calculate", "update", "init"} for name, _ in _parts(chart))


def _loads(name: str, part: Any) -> bool:
    """Whether a part of a chart of Vega makes it load something, or lets it be found out only as it is drawn."""
    if name in ADDRESSES or name == IMAGE:
        return bool(part)
    if name in {"cursor", "as"} and any(inside in COMPUTED for inside, _ in _parts({name: part})):
        return True
    if name == "bind":
        return not _is_plain_control(part)
    if not isinstance(part, str):
        return False
    read = _ESCAPE.sub("", part)
    if _HIDDEN.search(part) or any(_LOADING.search(text) or _PICTURE.search(text) for text in (part, read)):
        return True
    # A signal of this name is the cursor.
    return name == "name" and read == "cursor"


def _is_plain_control(bind: Any) -> bool:
    if not isinstance(bind, dict):
        return isinstance(bind, str)
    if "input" in bind:
        return bind["input"] in CONTROLS and bind.keys() <= CONTROL
    return "element" not in bind and all(map(_is_plain_control, bind.values()))


def _texts(parts: list[tuple[str, Any]]) -> Iterator[str]:
    for name, part in parts:
        yield name
        if isinstance(part, str):
            yield part


def _parts(chart: Mapping[str, Any], rows: list[Any] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield what is in a chart, each with its name; in a list each has the name of the list.

    With `rows`, those of Vega's data go there instead: a column may be called `source` or hold an address, since only
    an encoding makes something of it that is loaded.
    """
    waiting: list[tuple[str, Any]] = [("", chart)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            for key, part in one.items():
                if rows is not None and (key == "datasets" if one is chart else (name, key) == ("data", "values")):
                    rows.extend(part.values() if key == "datasets" and isinstance(part, dict) else [part])
                    continue
                yield key, part
                waiting.append((key, part))
        elif isinstance(one, list):
            waiting.extend((name, part) for part in one)
            yield from ((name, part) for part in one if isinstance(part, str))
