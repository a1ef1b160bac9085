"""No chart makes the browser load something, and no honest one is refused."""

import struct
import zlib
from typing import Any

import pytest

from orchat.ui import pictures
from orchat.ui.safe_chart import loads_nothing, puts_together
from tests.ui.hostile_charts import (
    COLOUR,
    HONEST_PLOTLY,
    HONEST_VEGA,
    NESTED,
    PICTURE,
    PLOTLY,
    ROW,
    STYLE,
    VEGA,
    columns,
    control,
    points,
)

EVIL = "https://evil.example/x.png"
ROWS = {"values": [{"a": 1, "image": EVIL, "url": EVIL}]}


def bar(**more: Any) -> dict[str, Any]:
    return {"mark": "bar", "data": ROWS, "encoding": {"x": {"field": "a"}}, **more}


@pytest.mark.parametrize(
    "chart",
    [
        {"data": [{"type": "scatter", "text": [f'<span style="background-image:url({EVIL})">x</span>']}]},
        {"data": [], "layout": {"title": {"text": f"<b style='background:url({EVIL})'>x</b>"}}},
        {"data": [], "layout": {"template": {"layout": {"annotations": [{"text": f'<a href="{EVIL}">x</a>'}]}}}},
        {"data": [], "frames": [{"data": [{"hovertemplate": f"<SPAN\nSTYLE = 'background:url({EVIL})'"}]}]},
        {"data": [], "layout": {"images": [{"source": EVIL}]}},
        {"data": [{"type": "choroplethmap"}]},
        {"data": [], "frames": [{"data": [{"type": "scattergeo"}]}]},
        {"data": [], "layout": {"updatemenus": [{"buttons": [{"args": [{"type": "choropleth"}]}]}]}},
        {"data": [], "layout": {"updatemenus": [{"buttons": [{"args": [{"images[0].source": EVIL}]}]}]}},
        {"data": [], "layout": {"updatemenus": [{"buttons": [{"args2": ["images[0].source", EVIL]}]}]}},
        {"data": [], "layout": {"xaxis": {"tickprefix": "<span ", "ticksuffix": f"{STYLE}>"}}},
        {"data": [], "layout": {"xaxis": {"tickformat": "<^3", "ticksuffix": f"span {STYLE}>"}}},
        points(name=f"<<span>span {STYLE}>"),
        points(name=f"<s<i>pan {STYLE}>"),
        points(hovertemplate=f"%{{y:<^3}}span {STYLE}>"),
        points(hovertemplate="%{customdata[0]:<=99c}>a", customdata=[[f"span {STYLE}"]]),
        *PLOTLY.values(),
    ],
    ids=[
        *("text of points", "title", "template", "frames", "pictures", "tiles", "map in a frame", "map by a button"),
        *("picture by a button", "picture by a path", "prefix and suffix", "format of an axis", "tag in a tag"),
        *("tag in a name", "filled", "filled before data", *PLOTLY),
    ],
)
def test_a_chart_of_plotly_that_would_load_something_is_refused(chart: dict[str, Any]):
    assert not loads_nothing(chart, plotly=True)


@pytest.mark.parametrize(
    "chart",
    [
        {"data": [{"type": "scatter", "x": [1], "y": [2], "hovertemplate": "x=%{x}<br>y=%{y}<extra></extra>"}]},
        {
            "data": [{"type": "bar", "text": ["a < b", "<b>bold</b>", "a > b = c"]}],
            "layout": {"title": "CO<sub>2</sub>"},
        },
        {"data": [{"type": "pie", "values": [1, 2], "labels": ["image", EVIL]}]},
        {"data": [{"type": "sankey", "link": {"source": [0], "target": [1], "value": [1]}}]},
        {"data": [], "layout": {"template": {"data": {"choropleth": [{"type": "choropleth"}]}}}},
        {"data": [], "layout": {"xaxis": {"tickformat": "%b<br>%Y"}, "title": "p <= 0.05, <LOD, </a>, <1 %"}},
        *HONEST_PLOTLY.values(),
    ],
    ids=["hover of plotly express", "marks of text", "labels", "flows", "default template", "signs", *HONEST_PLOTLY],
)
def test_an_honest_chart_of_plotly_is_drawn(chart: dict[str, Any]):
    assert loads_nothing(chart, plotly=True)


@pytest.mark.parametrize(
    "chart",
    [
        bar(mark={"type": "bar", "tooltip": {"content": "data"}}),
        bar(config={"mark": {"tooltip": {"content": "data"}}}),
        bar(encoding={"tooltip": {"field": "image"}}),
        bar(encoding={"tooltip": [{"field": "a"}, {"field": "url", "title": "image"}]}),
        bar(mark={"type": "bar", "tooltip": {"signal": f"{{'image': '{EVIL}'}}"}}),
        bar(mark={"type": "bar", "tooltip": {"signal": f"{{image: '{EVIL}'}}"}}),
        bar(mark={"type": "bar", "tooltip": {"signal": f"{{'\\u0069mage': '{EVIL}'}}"}}),
        bar(transform=[{"calculate": "datum.url", "as": "image"}]),
        bar(mark={"type": "bar", "cursor": f"url({EVIL}), auto"}),
        bar(mark="image"),
        bar(data={"url": EVIL}),
        {"layer": [bar(), {"mark": "text", "encoding": {"href": {"field": "url"}}}]},
        {"data": [{"name": "t", "url": EVIL}], "marks": []},
        {"data": [{"name": "t", "values": [NESTED]}], "marks": [{"encode": {"hover": {"tooltip": [{"field": "o"}]}}}]},
        {"data": [], "marks": [{"encode": {"datasets": {"cursor": {"value": COLOUR}}}}]},
        {"data": [{"transform": [{"type": "project", "as": [{"signal": "'im' + 'age'"}]}]}], "marks": []},
        bar(params=[{"name": "cursor", "expr": "data('t')[0].c"}]),
        bar(mark={"type": "bar", "tooltip": {"expr": "{\ufeffimage: datum.a}"}}),
        bar(mark={"type": "bar", "tooltip": {"expr": "{'\\151mage': datum.a}"}}),
        columns(mark={"type": "bar", "tooltip": {"expr": "datum"}}, data={"values": "a,image\n1,x"}),
        columns(mark={"type": "bar", "tooltip": {"expr": "datum"}}, data={"values": '[{"im\\u0061ge": "x"}]'}),
        columns(mark={"type": "bar", "tooltip": {"expr": "datum"}}, data={"name": "d"}, datasets={"d": [ROW]}),
        columns(mark={"type": "bar", "tooltip": {"expr": "datum"}}, data={"name": "d"}, datasets={"d": "image\nx"}),
        columns({"a": 1}, encoding={"tooltip": {"datum": PICTURE}}),
        columns({"a": 1}, params=control(element="input", event="input")),
        columns({"a": 1}, params=control(input="text", onfocus="alert(1)", autofocus="")),
        *VEGA.values(),
    ],
    ids=[
        *("all columns", "all columns by config", "column", "title", "expression", "bare name", "hidden name", "made"),
        *("cursor", "mark", "data", "link", "vega data", "rules of vega", "set called datasets", "computed name"),
        *("signal of the cursor", "odd space", "octal", "csv", "json", "named rows", "named csv", "datum"),
        *("foreign control", "script", *VEGA),
    ],
)
def test_a_chart_of_vega_that_would_load_something_is_refused(chart: dict[str, Any]):
    assert not loads_nothing(chart, plotly=False)


@pytest.mark.parametrize(
    "chart",
    [
        bar(),
        bar(title="Sizes of images", mark={"type": "bar", "tooltip": True}),
        bar(encoding={"tooltip": [{"field": "a", "title": "The image size"}]}),
        {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "datasets": {"d": [{"image": EVIL}]}, **bar()},
        columns({"a": 1}, params=[{"name": "p", "value": 1, "bind": {"input": "range", "min": 1, "max": 9}}]),
        columns({"a": 1}, params=[{"name": "p", "select": "interval", "bind": "scales"}]),
        columns(
            {"a": 1}, params=[{"name": "p", "select": "point", "bind": {"a": {"input": "select", "options": [1]}}}]
        ),
        columns({"a": 1}, mark={"type": "bar", "cursor": "pointer"}),
        *HONEST_VEGA.values(),
    ],
    ids=["bars", "tooltip", "title", "named data", "slider", "zoom", "choice", "cursor", *HONEST_VEGA],
)
def test_an_honest_chart_of_vega_is_drawn(chart: dict[str, Any]):
    assert loads_nothing(chart, plotly=False)


def test_a_chart_that_computes_while_it_is_drawn_is_told_from_one_that_does_not():
    assert puts_together(columns({"a": 1}, transform=[{"calculate": "'ur' + 'l(//e.x)'", "as": "c"}]))
    assert not puts_together(HONEST_VEGA["fields"])


def picture_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8_001, 8_000), (12_000, 12_000), (30_000, 30_000)], ids=str)
def test_a_small_file_of_a_huge_picture_is_not_decoded(size: tuple[int, int]):
    with pytest.raises(ValueError, match="picture"):
        pictures.bounded(picture_of(*size))


def test_an_ordinary_picture_is_shown_as_it_is():
    assert pictures.bounded(picture_of(1, 1)) == picture_of(1, 1)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe"], ids=repr)
def test_what_is_no_picture_is_said_to_be_none(data: bytes):
    with pytest.raises(ValueError, match="no picture"):
        pictures.bounded(data)
