"""Artifacts: what tools make is drawn beside their step, without trusting a byte of it."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from orchat import Artifact
from orchat.agent.files import ConversationFiles
from tests.laboratory import TOOLS
from tests.ui.chat_app import OWNER, ChatApp, words
from tests.ui.hostile_charts import PLOTLY, VEGA
from tests.ui.made import made
from tests.ui.test_safe_chart import picture_of

Draw = Callable[[Artifact], ChatApp]
TRACE = {"type": "scatter", "x": [1], "y": [1]}


@pytest.fixture
def draw(app: ChatApp) -> Draw:
    """Open a conversation in which a tool has made this."""

    def draw(artifact: Artifact) -> ChatApp:
        return app.open(chat=made(app.store, artifact))

    return draw


def downloads(app: ChatApp) -> list[str]:
    return [button.label for button in app.page.get("download_button")]  # type: ignore[attr-defined] # a button


def kinds(app: ChatApp) -> set[str]:
    """The kinds of what is drawn in the turn."""
    return {element.type for element in app.answers[-1]}


def test_a_picture_is_drawn(draw: Draw):
    pixel = TOOLS.partition('PIXEL = "')[2].partition('"')[0]
    assert "image" in kinds(draw(Artifact.image(base64.b64decode(pixel))))


def test_a_table_is_drawn_and_offered_as_a_file(draw: Draw):
    app = draw(Artifact.table([{"a": 1, "b": "x"}], "rows.csv"))
    assert app.page.dataframe[0].value.to_dict("records") == [{"a": 1, "b": "x"}]
    assert downloads(app) == ["rows.csv · 10 bytes"]


def test_of_a_long_table_the_first_rows_are_drawn_and_that_is_said(draw: Draw):
    app = draw(Artifact.table([{"a": number} for number in range(1_001)]))
    assert len(app.page.dataframe[0].value) == 1_000
    assert "The first 1,000 rows; the file has all of them." in words(app.answers[-1])


@pytest.mark.parametrize(
    "artifact, kind",
    [
        (Artifact.vega({"mark": "bar", "data": {"values": [{"a": 1}]}}), "vega_lite_chart"),
        (Artifact.vega({"mark": "bar", "data": {"values": [{"source": "wind"}]}}), "vega_lite_chart"),
        (Artifact.plotly({"data": [TRACE], "layout": {}}), "plotly_chart"),
    ],
    ids=["vega", "a column called source", "plotly"],
)
def test_a_chart_is_drawn_and_offered_as_a_file(draw: Draw, artifact: Artifact, kind: str):
    app = draw(artifact)
    assert kind in kinds(app)
    assert len(downloads(app)) == 1


@pytest.mark.parametrize(
    "artifact",
    [
        Artifact.vega({"mark": "bar", "data": {"url": "https://evil.example/x.csv"}}),
        Artifact.vega(
            {
                "mark": "image",
                "data": {"values": [{"a": "https://evil.example/x.png"}]},
                "encoding": {"url": {"field": "a"}},
            }
        ),
        Artifact("image", "bomb.svg", "image/svg+xml", b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg></svg>'),
        Artifact("image", "none.svg", "image/svg+xml", b"/etc/passwd"),
        Artifact.plotly({"data": [], "layout": {"images": [{"source": "https://evil.example/x.png"}]}}),
        Artifact.plotly({"data": [{"type": "scattermap", "lat": [1], "lon": [1]}], "layout": {}}),
        Artifact.plotly({"data": [{"type": "choropleth", "locations": ["FRA"], "z": [1]}], "layout": {}}),
        Artifact.plotly({"data": [{"type": "no such thing"}]}),
        Artifact("chart", "broken.json", "application/vnd.plotly.v1+json", b"{"),
        Artifact("image", "broken.png", "image/png", b"no picture"),
        Artifact("image", "bomb.png", "image/png", picture_of(30_000, 30_000)),
        Artifact.plotly({"data": [TRACE], "layout": {"title": '<b style="background:url(//evil.example)">'}}),
        Artifact("table", "empty.csv", "text/csv", b""),
    ],
    ids=[
        "vega url",
        "vega image",
        "svg entities",
        "no svg",
        "plotly image",
        "tiles",
        "outlines",
        "unknown trace",
        "no json",
        "no picture",
        "picture bomb",
        "plotly style",
        "no table",
    ],
)
def test_what_would_fetch_something_or_cannot_be_drawn_is_offered_as_a_file(draw: Draw, artifact: Artifact):
    app = draw(artifact)
    said = words(app.answers[-1])
    assert "cannot be shown here" in said or "is not drawn, since it could load something" in said
    assert len(downloads(app)) == 1


@pytest.mark.parametrize(
    "artifact",
    [Artifact.plotly(PLOTLY["attribute of data"]), Artifact.vega(VEGA["object by a field"])],
    ids=["plotly", "vega"],
)
def test_of_a_chart_that_would_load_something_the_reason_is_said_and_its_file_is_offered(
    draw: Draw, artifact: Artifact
):
    app = draw(artifact)
    assert "chart.json is not drawn, since it could load something from the web." in words(app.answers[-1])
    assert len(downloads(app)) == 1


def test_a_page_is_drawn_in_a_frame_and_never_by_streamlits_own(draw: Draw):
    app = draw(Artifact.html("<script>1</script>"))
    assert "iframe" not in kinds(app)
    assert "bidi_component" in kinds(app)
    assert downloads(app) == ["page.html · 18 bytes"]


def test_html_that_is_only_a_table_stands_on_the_page_cleaned(draw: Draw):
    app = draw(Artifact.html('<table class="stApp"><tr><td style="position:fixed;color:red">7</td></tr></table>'))
    assert "bidi_component" not in kinds(app)
    (drawn,) = [element for element in app.answers[-1] if element.type == "html"]
    assert drawn.proto.body == '<table><tbody><tr><td style="color:red">7</td></tr></tbody></table>'


def test_a_drawing_is_a_picture_and_never_part_of_the_page(draw: Draw):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    app = draw(Artifact("image", "drawing.svg", "image/svg+xml", svg))
    (drawn,) = [element for element in app.answers[-1] if element.type == "image"]
    assert drawn.proto.imgs[0].url == f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def test_an_index_without_a_name_has_an_empty_heading(draw: Draw):
    app = draw(Artifact("table", "table.csv", "text/csv", b",a\r\nx,1\r\n"))
    assert list(app.page.dataframe[0].value.columns) == ["", "a"]


def test_a_formula_and_markdown_are_drawn_as_such(draw: Draw):
    assert "**bold**" in words(draw(Artifact("text", "a.md", "text/markdown", b"**bold**")).answers[-1])


def test_a_text_is_drawn_and_offered_as_a_file(draw: Draw):
    app = draw(Artifact.text("one\ntwo", "notes.txt"))
    assert "one\ntwo" in words(app.answers[-1])
    assert downloads(app) == ["notes.txt · 7 bytes"]


def test_any_other_file_is_offered_under_its_name_as_it_stands(draw: Draw):
    app = draw(Artifact("file", "[x](https://evil.example).bin", "text/html", b"<script>"))
    assert downloads(app) == [r"\[x\](https\://evil.example).bin · 8 bytes"]


def test_what_belongs_to_somebody_else_is_not_shown(draw: Draw, app: ChatApp):
    shown = draw(Artifact.text("mine", "mine.txt"))
    conversation: Any = app.store.create_conversation("eve", kind="agent").id
    stolen = ConversationFiles(app.store, "eve", conversation).save(Artifact.text("hers", "hers.txt")).to_json()
    last = shown.branch[-1]
    details = {**(last.details or {}), "artifacts": [stolen]}
    app.store.save_message(OWNER, replace(last, details=details))
    app.open(chat=app.chat)
    assert "hers.txt is not kept any more." in words(app.answers[-1])
    assert downloads(app) == []
