"""Charts that look harmless and would make a browser load something, as was seen in one; and honest ones like them."""

from typing import Any

EVIL = "https://evil.example"
Chart = dict[str, Any]


def points(**more: Any) -> Chart:
    trace = {"type": "scatter", "mode": "markers", "x": [1], "y": [1], "marker": {"size": 300}, **more}
    return {"data": [trace], "layout": {"hovermode": "closest"}}


def titled(text: str, **layout: Any) -> Chart:
    return {**points(), "layout": {"title": {"text": text}, **layout}}


def columns(*rows: Any, mark: Any = "bar", encoding: Any = None, **more: Any) -> Chart:
    fields = {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "a", "type": "quantitative"}, **(encoding or {})}
    return {"mark": mark, "height": 300, "data": {"values": list(rows)}, "encoding": fields, **more}


def bar(tooltip: Any) -> Chart:
    return {"type": "bar", "tooltip": tooltip}


def control(**bind: str) -> list[Chart]:
    return [{"name": "p", "value": "x", "bind": bind}]


STYLE = f"style='background:url({EVIL}/style)'"
PICTURE = {"image": f"{EVIL}/picture"}
NESTED = {"a": 1, "o": PICTURE}
ROW = {"a": 1, **PICTURE}
COLOUR = f"url({EVIL}/colour#a), auto"

PLOTLY = {
    "attribute of data": points(hovertemplate="<span %{customdata[0]}>a</span>", customdata=[[STYLE]]),
    "text called datasets": points(hovertemplate="%{meta.datasets}", meta={"datasets": f"<span {STYLE}>a</span>"}),
    "text called values": points(
        hovertemplate="%{meta.data.values}", meta={"data": {"values": f"<span {STYLE}>a</span>"}}
    ),
    "tag of several data": points(
        hovertemplate="%{customdata[0]}%{customdata[1]}>a</span>", customdata=[["<span ", STYLE]]
    ),
    "upper case and newline": points(hovertemplate="<SPAN\n%{customdata[0]}>a</SPAN>", customdata=[[STYLE]]),
    "text on a point": points(mode="markers+text", texttemplate="<b %{customdata}>a</b>", customdata=[STYLE]),
    "title": titled("%{meta[0]}%{meta[1]}>Hi</span>", meta=["<span ", STYLE]),
    "begun": titled("%{meta[0]}span %{meta[1]}>Hi</span>", meta=["a <", STYLE]),
    "half a name": titled("%{meta[0]}pan %{meta[1]}>Hi</span>", meta=["<s", STYLE]),
    "name of data": titled("<%{meta[0]} %{meta[1]}>Hi</span>", meta=["span", STYLE]),
}
"""Plotly's own words: by name, each a text that becomes a tag with a style only when it is put together."""
VEGA = {
    "object by a field": columns(NESTED, encoding={"tooltip": {"field": "o"}}),
    "object by a condition": columns(NESTED, encoding={"tooltip": {"condition": {"test": "true", "field": "o"}}}),
    "object by an expression": columns(NESTED, mark=bar({"expr": "datum.o"})),
    "row by an expression": columns(ROW, mark=bar({"expr": "datum"})),
    "row by a transform": columns(
        ROW,
        transform=[{"aggregate": [{"op": "argmax", "field": "a", "as": "b"}], "groupby": ["a"]}],
        encoding={"tooltip": {"field": "b"}},
    ),
    "column of values": columns(
        *({"k": "image", "v": PICTURE["image"]}, {"k": "a", "v": 1}),
        transform=[{"pivot": "k", "value": "v", "op": "max"}],
        mark=bar({"expr": "datum"}),
    ),
    "object of the chart": columns(NESTED, encoding={"tooltip": {"value": PICTURE}}),
    "object of a parameter": columns(
        {"a": 1}, params=[{"name": "p", "value": {"datasets": PICTURE}}], mark=bar({"expr": "p.datasets"})
    ),
    "escaped name": columns({"a": 1}, mark=bar({"expr": f"{{'i\\mage': '{EVIL}/escaped'}}"})),
    "cursor of data": columns({"a": 1, "c": COLOUR}, mark={"type": "bar", "cursor": {"expr": "datum.c"}}),
    "colour of data": columns({"a": 1, "c": COLOUR}, encoding={"color": {"field": "c", "scale": None}}),
    "control that is a picture": columns({"a": 1}, params=control(input="IMAGE", src=f"{EVIL}/control")),
    "control with a style": columns({"a": 1}, params=control(input="text", style=f"background:\\75rl({EVIL}/control)")),
}
"""By name, charts of Vega-Lite that load something at once or once they are pointed at."""
HONEST_PLOTLY = {
    "hover": points(
        hovertemplate="<b>%{hovertext}</b><br><br>x=%{x:.2f}<br />%{customdata[0]}<extra></extra>",
        hovertext=["a < b"],
        customdata=[["H<sub>2</sub>O, 5<6, x<y and <unk>"]],
    )
}
HONEST_VEGA = {
    "field": columns({"a": 1}, encoding={"tooltip": {"field": "a"}}),
    "fields": columns(ROW, encoding={"tooltip": [{"field": "a", "title": "Size"}]}),
    "all columns": columns({"a": 1}, mark=bar({"content": "data"})),
    "expression": columns({"a": 1}, mark=bar({"expr": "datum.a + ' km'"})),
}
