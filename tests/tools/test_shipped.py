"""The tools that come with orchat load, say what they are, and do it."""

import importlib
import sys
from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from orchat import Model
from orchat.agent.contract import ToolContext
from orchat.agent.toolbox import Toolbox
from orchat.agent.toolbox.loading import checked
from orchat.demo import DemoServer
from orchat.errors import ToolError
from orchat.openrouter import Catalogue, OpenRouterClient
from tests.tools.conftest import Get, Kept, module

ALL = {
    "clock": "auto",
    "run_python": "ask",
    "list_files": "auto",
    "read_file": "auto",
    "search_files": "auto",
    "load_document": "auto",
    "openrouter_models": "auto",
    "web_page": "ask",
}


def test_all_of_them_load_and_only_the_risky_ask(box: Toolbox):
    assert not [plugin.problem for plugin in box.plugins() if plugin.problem]
    assert {info.name: info.approval for info in box.offered()} == ALL
    assert all(info.description for info in box.offered())


class OfClock:
    @property
    def tool_constructor(self) -> BaseTool:
        return module("clock").clock

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"zone": "Europe/Berlin"}


class OfModels:
    @property
    def tool_constructor(self) -> BaseTool:
        free = {"id": "a/b", "name": "B", "pricing": {"prompt": "0", "completion": "0"}}
        catalogue = Catalogue([Model.from_wire(free)], [])
        return checked(module("openrouter_models").get_tools(ToolContext(catalogue=lambda: catalogue)))[0]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"search": "b"}


class OfDocument:
    @property
    def tool_constructor(self) -> BaseTool:
        return checked(module("load_document").get_tools(ToolContext(files=Kept(notes_txt=b"Hello"))))[0]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"name": "notes.txt"}


class TestClockUnit(OfClock, ToolsUnitTests):
    pass


class TestClockIntegration(OfClock, ToolsIntegrationTests):
    pass


class TestModelsUnit(OfModels, ToolsUnitTests):
    pass


class TestModelsIntegration(OfModels, ToolsIntegrationTests):
    pass


class TestDocumentUnit(OfDocument, ToolsUnitTests):
    pass


class TestDocumentIntegration(OfDocument, ToolsIntegrationTests):
    pass


def test_a_zone_that_does_not_exist_is_explained_to_the_model(get: Get):
    for zone in ("Nowhere/Land", "", "../../etc/passwd", "/etc/passwd"):
        with pytest.raises(ToolError, match="no time zone"):
            get("clock").invoke({"zone": zone})


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    with DemoServer(port=0) as demo, OpenRouterClient(demo.api_key, base_url=demo.base_url) as client:
        return Catalogue(client.models(), client.zdr_endpoints())


def look_up(get: Get, catalogue: Catalogue, **arguments: Any) -> tuple[str, list[str]]:
    tool = get("openrouter_models", catalogue=lambda: catalogue)
    call = {"type": "tool_call", "id": "1", "name": tool.name, "args": arguments}
    message = tool.invoke(call)
    return message.content, message.artifact.data.decode().splitlines()


def test_models_are_found_cheapest_first_with_their_prices(get: Get, catalogue: Catalogue):
    text, table = look_up(get, catalogue, search="claude", limit=3)
    assert len(table) == 4
    assert table[0].startswith("id,name,input $/M")
    prices = [float(row.split(",")[-5]) for row in table[1:]]
    assert prices == sorted(prices)
    assert "models fit, 3 are shown" in text


def test_models_are_narrowed_by_tools_price_and_privacy(get: Get, catalogue: Catalogue):
    _, table = look_up(get, catalogue, needs_tools=True, zdr_only=True, max_prompt_price=1, limit=50)
    assert len(table) > 2
    assert all(row.endswith("yes,yes") for row in table[1:])


def test_a_price_that_varies_is_not_a_price_of_zero(get: Get):
    models = [Model.from_wire({"id": "a/b", "name": "B", "pricing": {"prompt": "-1", "completion": "-1"}})]
    text, _ = look_up(get, Catalogue(models, []), max_prompt_price=1)
    assert text.startswith("0 models fit")


def test_a_list_that_is_not_there_yet_is_no_empty_list(get: Get):
    with pytest.raises(ToolError, match="not there yet"):
        get("openrouter_models", catalogue=Catalogue).invoke({})


def test_an_order_that_does_not_exist_is_explained(get: Get, catalogue: Catalogue):
    with pytest.raises(ToolError, match="price, context, name"):
        get("openrouter_models", catalogue=lambda: catalogue).invoke({"sort": "beauty"})


@pytest.mark.parametrize(
    "name, data, said",
    [
        ("notes_txt", "Grüße".encode(), "Grüße"),
        ("table_csv", b"a,b\n1,2\n", "b: 2"),
    ],
)
def test_documents_of_the_conversation_are_read(get: Get, name: str, data: bytes, said: str):
    text = get("load_document", files=Kept(**{name: data})).invoke({"name": name.replace("_", ".")})
    assert said in text


@pytest.mark.parametrize(
    "name, said",
    [
        ("other.txt", "There are: notes.txt, data.bin"),
        ("/etc/passwd", "There is no file"),
        ("data.bin", "“.bin” cannot be read"),
    ],
)
def test_what_is_no_document_of_it_is_not_read(get: Get, name: str, said: str):
    tool = get("load_document", files=Kept(notes_txt=b"Hello", data_bin=b"\0"))
    with pytest.raises(ToolError, match=said):
        tool.invoke({"name": name})


def test_a_parser_that_is_missing_is_named(get: Get):
    if importlib.util.find_spec("pypdf"):
        pytest.skip("pypdf is installed here")
    with pytest.raises(ToolError, match="pip install pypdf"):
        get("load_document", files=Kept(report_pdf=b"%PDF-1.4")).invoke({"name": "report.pdf"})


def test_without_langchain_community_the_tool_says_so(get: Get, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "langchain_community", None)
    with pytest.raises(ToolError, match="being retired"):
        get("load_document", files=Kept(notes_txt=b"Hello")).invoke({"name": "notes.txt"})
