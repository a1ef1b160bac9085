"""Each incident of others that this project learns from is tried by a test whose name carries its id."""

import ast
import re

import pytest

from tests.house.tree import ROOT

INCIDENTS = {
    "LibreChat: addresses inside, written otherwise": ["CVE-2026-31943"],
    "Open WebUI: one address, two parsers": ["CVE-2026-45400"],
    "Open WebUI: a redirect inside after the check": ["CVE-2026-45401"],
    "Chainlit: an address in an element was fetched": ["CVE-2026-22219"],
    "Chainlit: a path in an element was read": ["CVE-2026-22218"],
    "LibreChat: a file name from code": ["GHSA-qrm5-r67f-6692"],
    "python-multipart, NiceGUI: the name of an upload": ["CVE-2026-24486", "GHSA-w8wv-vfpc-hw2w"],
    "LibreChat: another's stream by its id": ["CVE-2026-31950"],
    "Open WebUI: another's chat by its id": ["CVE-2026-45349", "CVE-2026-54015"],
    "Open WebUI: another's files deleted": ["CVE-2026-45671"],
    "Open WebUI: a tool changed over the web": ["CVE-2026-45395"],
    "LibreChat: the command of an MCP server": ["CVE-2026-22252"],
    "Open WebUI: a header round the restrictions": ["CVE-2026-45339"],
    "Open WebUI: a forbidden model through another": ["CVE-2026-44555"],
    "Open WebUI: an import that overwrote": ["CVE-2026-44562"],
    "Open WebUI: code in the page's origin": ["GHSA-4r2p-27mh-5m22"],
    "Open WebUI: events run as script": ["CVE-2025-64496"],
    "Open WebUI: a prompt as rich text": ["CVE-2025-64495"],
    "dial-chat, dust, dify: an image that tells": ["ai-dial-chat#7109", "dust#12359", "dify#30874"],
    "LobeHub: a header that can be forged": ["CVE-2026-39411"],
    "Chainlit: a session given to another": ["Chainlit 2.10.1"],
    "llmgateway: what is stopped is free": ["GHSA-724j-f2pf-phf7"],
    "LibreChat: one malformed request": ["CVE-2026-31949"],
    "Starlette: a malformed Host": ["CVE-2026-48710"],
    "Streamlit: components reach out": ["CVE-2026-33682"],
    "Streamlit: paths and scripts in an address": ["CVE-2024-42474", "CVE-2022-35918", "CVE-2023-27494"],
    "Starlette: paths of another system": ["CVE-2026-48818"],
    "thinkingbox-data: no sandbox": ["thinkingbox-data#22"],
}


@pytest.fixture(scope="module")
def names() -> list[str]:
    """The names of all tests."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [function.name for function in functions if function.name.startswith("test_")]


@pytest.mark.parametrize("ids", INCIDENTS.values(), ids=INCIDENTS.keys())
def test_an_incident_is_tried_by_a_test_that_is_named_after_it(ids: list[str], names: list[str]):
    for known in ids:
        written = re.sub(r"\W", "_", known).lower()
        assert any(re.search(rf"_{written}(?=_)", name) for name in names), known
