"""A chart that a tool has made makes the browser fetch nothing, wherever one points; an honest one is drawn."""

import pytest
from playwright.sync_api import Locator, expect

from orchat import Artifact
from tests.browser.chat_page import PATIENCE, Chat
from tests.ui.hostile_charts import COLOUR, HONEST_PLOTLY, HONEST_VEGA, PLOTLY, VEGA, columns
from tests.ui.made import made

pytestmark = pytest.mark.browser

COMPUTED = columns(
    {"a": 1, "c": COLOUR[2:]},
    transform=[{"calculate": "'ur' + datum.c", "as": "d"}],
    encoding={"color": {"field": "d", "scale": None}, "tooltip": {"field": "a"}},
)
"""A colour that nobody can know before the chart is drawn."""


def drawn(chat: Chat, *artifacts: Artifact) -> Locator:
    """Open a conversation with these and return what is drawn of them, once all of it is."""
    chat.go(f"/?chat={made(chat.store, *artifacts)}").ready()
    expect(chat.answer.get_by_role("button", name="chart.json")).to_have_count(len(artifacts), timeout=PATIENCE)
    charts = chat.answer.locator("[data-testid='stPlotlyChart'], [data-testid='stVegaLiteChart']")
    for chart in charts.all():
        expect(chart.locator(".main-svg, .marks").first).to_be_visible(timeout=PATIENCE)
    return charts


def point_at(chart: Locator) -> None:
    """Point at the middle of what is drawn, where each of these charts has a mark."""
    area = chart.locator(".nsewdrag, .marks").first
    area.scroll_into_view_if_needed()
    for _ in range(2):
        # Plotly looks at where the pointer has moved to.
        area.hover(force=True)
        area.page.mouse.wheel(0, 0)
        area.hover(force=True, position={"x": 150, "y": 120})


@pytest.mark.timeout(300)
def test_a_hostile_chart_loads_nothing_and_says_why_it_is_not_drawn(chat: Chat):
    hostile = [*map(Artifact.plotly, PLOTLY.values()), *map(Artifact.vega, VEGA.values())]
    for chart in drawn(chat, *hostile).all():
        point_at(chart)
    chat.page.wait_for_load_state("networkidle")
    assert chat.foreign == []
    expect(chat.answer.get_by_text("since it could load something")).to_have_count(len(hostile))


def test_an_honest_chart_is_drawn_and_says_more_when_it_is_pointed_at(chat: Chat):
    charts = drawn(chat, Artifact.plotly(HONEST_PLOTLY["hover"]), Artifact.vega(HONEST_VEGA["field"]))
    expect(charts).to_have_count(2)
    point_at(charts.first)
    expect(charts.first.locator(".hoverlayer")).to_contain_text("a < b", timeout=PATIENCE)
    expect(charts.first.locator(".hoverlayer")).to_contain_text("5<6, x<y and <unk>")
    point_at(charts.last)
    expect(chat.page.locator("#vg-tooltip-element")).to_have_text("1", timeout=PATIENCE)


def test_a_colour_that_is_only_put_together_while_a_chart_is_drawn_loads_nothing(chat: Chat):
    charts = drawn(chat, Artifact.vega(COMPUTED))
    expect(charts.locator("canvas")).to_be_visible(timeout=PATIENCE)
    point_at(charts)
    expect(chat.page.locator("#vg-tooltip-element")).to_have_text("1", timeout=PATIENCE)
    chat.page.wait_for_load_state("networkidle")
    assert chat.foreign == []
