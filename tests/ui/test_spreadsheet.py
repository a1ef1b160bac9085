"""Whatever a table is taken along as, a spreadsheet runs nothing of what people are called or have said."""

import re
from collections.abc import Callable

import pytest

from orchat.ui import spreadsheet
from tests.house.tree import ROOT
from tests.ui.chat_app import ChatApp

OF_TOOLS = {"artifacts.py"}
"""What a tool made is shown as it made it."""
TABLES = {
    f"{path.name} {number}": first
    for path in sorted((ROOT / "orchat" / "ui").glob("*.py"))
    if path.name not in OF_TOOLS
    for number, first in enumerate(re.findall(r"st\.dataframe\(\s*(.{17})", path.read_text("utf-8"), re.DOTALL), 1)
}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_text(text: str):
    assert spreadsheet.rows([{"Name": text, "Cost": -1.0, "Open": None}]) == [
        {"Name": f"'{text}", "Cost": -1.0, "Open": None}
    ]


@pytest.mark.parametrize("text", ["", "Herons", "a=b", "1-2", "– none –"])
def test_other_text_stays_as_it_is(text: str):
    assert spreadsheet.cell(text) == text


@pytest.mark.parametrize("table", TABLES)
def test_every_table_that_has_a_button_for_csv_is_written_so(table: str):
    assert TABLES[table] == "spreadsheet.rows("


def test_a_chat_that_is_called_like_a_formula_is_none_in_the_table(start: Callable[..., ChatApp]):
    app = start(ORCHAT_TITLE_MODEL="none", ORCHAT_DEFAULT_MODEL="demo/fast")
    app.send('=HYPERLINK("https://example.org")')
    app.page.switch_page("pages/usage.py")
    app.run()
    assert list(app.page.dataframe[2].value["Chat"]) == ['\'=HYPERLINK("https://example.org")']
