"""The code interpreter in a browser: a file in, a plot and a table out, a loop stopped, a reload in between."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from orchat.agent.ask import ALLOWED_TOOLS
from orchat.demo import DemoServer
from orchat.sandbox import available
from orchat.settings import Settings
from tests.browser.agent_app import agent  # noqa: F401 - a fixture
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.sandbox.packages import packages  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
SALES = b"month,sales\nJanuary,12\nFebruary,19\nMarch,8\n"
PLOT = """
import matplotlib.pyplot as plt
import pandas as pd
table = pd.read_csv("sales.csv")
print("\\x1b[31mread\\x1b[0m", len(table), "rows")
table.plot(x="month", y="sales")
plt.show()
table.describe().to_csv("summary.csv")
table
"""
ENDLESS = """
print("for ever", flush=True)
counted = 0
while True:
    counted += 1
"""

REMEMBER_CODE = """
    window.stages = [];
    new MutationObserver(() => {
        const code = document.querySelector("code.language-python");
        if (code) window.stages.push(code.innerText);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
"""


@pytest.fixture(scope="module")
def app(
    browser: Any,
    demo: DemoServer,
    packages: Any,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AppProcess]:
    folder = tmp_path_factory.mktemp("app")
    report = available(Settings(ORCHAT_DATA_DIR=folder / "data", ORCHAT_SANDBOX_PACKAGES=False))
    if report.chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    settings = {"ORCHAT_SANDBOX_ENVIRONMENT": str(packages.folder), "ORCHAT_TITLE_MODEL": "none"}
    with AppProcess(demo, folder, **settings) as app:
        yield app


def run(code: str) -> str:
    return f"call run_python {json.dumps({'code': code})}"


def attach(chat: Chat, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    chat.page.locator("[data-testid=stChatInput] input[type=file]").first.set_input_files([file])
    # Until a file has arrived its button reads "Cancel upload of ...", and the box sends nothing.
    expect(chat.page.get_by_role("button", name=f"Remove {name}")).to_be_visible(timeout=PATIENCE)


def results(chat: Chat) -> list[str]:
    return [str(message.wire["content"]) for message in chat.branch if message.role == "tool"]


def test_a_file_is_plotted_a_loop_is_stopped_and_after_a_reload_the_variables_are_there(
    agent: Callable[..., Chat],  # noqa: F811
):
    chat = agent(settings={ALLOWED_TOOLS: ["run_python"]})
    attach(chat, "sales.csv", SALES)
    chat.do(run(PLOT), "say Here it is.")
    chat.says("Here it is.")
    expect(chat.questions.last.get_by_text("sales.csv · ")).to_be_visible()
    expect(chat.answer.get_by_test_id("stImage").locator("img")).to_be_visible()
    expect(chat.answer.get_by_test_id("stDataFrame")).to_be_visible()
    assert "read 3 rows" in results(chat)[0]
    with chat.page.expect_download() as download:
        chat.answer.get_by_role("button", name="summary.csv").click()
    assert Path(download.value.path()).read_text().startswith(",sales\ncount,3.0\n")

    chat.ready().do(run(ENDLESS), "say Never said.")
    expect(chat.answer.locator("code.language-python")).to_contain_text("counted += 1", timeout=PATIENCE)
    expect(chat.answer.get_by_text("for ever", exact=True)).to_be_visible(timeout=PATIENCE)
    chat.says("Code interpreter: running · 2 s")
    chat.stop.click()
    chat.says("Code interpreter · stopped")

    chat.page.reload()
    chat.ready().do(run("(counted > 0, table.sales.max().item())"), "say Going on.")
    chat.says("Going on.")
    assert results(chat)[1].startswith("for ever\n")
    assert results(chat)[2] == "(True, 19)"


def test_code_is_highlighted_while_it_is_written_and_on_the_card_that_asks(agent: Callable[..., Chat]):  # noqa: F811
    chat = agent()
    chat.page.evaluate(REMEMBER_CODE)
    chat.do(run("values = [" + ", ".join(map(str, range(1500))) + "]\nlen(values)"), "say Done.")
    chat.says("would like to run")
    card = chat.page.locator("[class*=st-key-approval-] code.language-python")
    expect(card).to_contain_text("len(values)", timeout=PATIENCE)
    stages = chat.page.evaluate("window.stages")
    assert [stage for stage in stages if stage.startswith("values = [0, 1, 2") and "len(values)" not in stage]
    chat.press("Allow once")
    chat.says("Done.")
    assert results(chat) == ["1500"]


def test_a_cell_is_edited_and_run_by_hand_and_the_chat_is_a_notebook(agent: Callable[..., Chat]):  # noqa: F811
    chat = agent(settings={ALLOWED_TOOLS: ["run_python"]}).do(run("kept = 20"), "say Kept.")
    chat.says("2 model calls")
    expect(chat.keyed("notebook")).to_be_visible(timeout=PATIENCE)
    chat.ready()
    chat.answer.get_by_text("Code interpreter · ").click()
    chat.press("Edit and run")
    dialog = chat.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("print(kept + 1)")
    dialog.get_by_role("textbox").press("Control+Enter")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(dialog.get_by_text("21", exact=True)).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="Tell the model").click()
    expect(chat.box).to_have_value("I ran this myself:\n```python\nprint(kept + 1)\n```\nIt gave:\n```\n21\n```\n")
    with chat.page.expect_download() as download:
        chat.keyed("notebook").get_by_role("button", name="Notebook").click()
    cells = json.loads(Path(download.value.path()).read_text())["cells"]
    assert [cell["source"] for cell in cells if cell["cell_type"] == "code"] == ["kept = 20"]
    until(lambda: len(results(chat)) == 1)


CHARTS = """
import altair as alt
import pandas as pd
import plotly.express as px
table = pd.DataFrame({"month": ["Jan", "Feb", "Mar"], "sales": [12, 19, 8]})
display(alt.Chart(table).mark_bar().encode(x="month", y="sales"))
px.line(table, x="month", y="sales")
"""


def test_charts_that_can_be_explored_are_drawn_as_such(agent: Callable[..., Chat]):  # noqa: F811
    chat = agent(settings={ALLOWED_TOOLS: ["run_python"]}).do(run(CHARTS), "say Drawn.")
    chat.says("2 model calls")
    expect(chat.answer.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible(timeout=PATIENCE)
    drawn = chat.answer.get_by_test_id("stPlotlyChart")
    expect(drawn.locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
    # The points themselves have arrived, and not only the axes.
    expect(drawn.locator(".scatterlayer .js-line")).to_have_count(1)
    expect(drawn.locator(".xtick text").first).to_have_text("Jan")
    assert results(chat) == ["[Shown to the user: a chart]\n[Shown to the user: a chart]"]
