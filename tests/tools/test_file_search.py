"""File search: what the model reads, the numbers that it cites by, and what it is told when there is nothing."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat import ToolError
from orchat.agent.sources import read_kept
from orchat.library import Library, Shelf
from orchat.sources import Documents
from tests.test_library import put
from tests.tools.conftest import Get

REPORT = "# Results\n\n## Revenue\n\nRevenue rose to 412 million.\n\n# Outlook\n\nThe heron returns in spring.\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library(tmp_path_factory.mktemp("documents"))
    put(library.of(Shelf.CHAT, "ada", "one"), "report.md", REPORT)
    put(library.of(Shelf.OWN, "ada"), "birds.txt", "The heron stands in the water.\nThe owl flies at night.\n")
    library.of(Shelf.OWN, "ada").add([("empty.pdf", b"%PDF-1.4 nothing")])
    library.of(Shelf.OWN, "ada").ingest_pending()
    yield library
    library.close()


@pytest.fixture
def call(get: Get, library: Library) -> Any:
    documents = Documents(library, "ada", "one", lambda: 6)

    def call(name: str, **arguments: Any) -> tuple[str, list[Any]]:
        tool = get(name, documents=documents)
        message = asyncio.run(tool.ainvoke({"type": "tool_call", "id": "1", "name": name, "args": arguments}))
        sources = [source for artifact in message.artifact or () for source in read_kept(artifact.data)]
        return message.content, sources

    return call


def test_files_are_listed_with_where_they_are_and_why_one_cannot_be_searched(call: Any):
    text, _ = call("list_files")
    assert "report.md (of this chat)" in text
    assert "birds.txt (of the user's collection)" in text
    assert "empty.pdf (of the user's collection) – " in text


def test_passages_come_with_their_place_and_numbers_that_go_on(call: Any):
    text, sources = call("search_files", query="heron")
    assert [source.number for source in sources] == [7, 8]
    assert {(source.name, source.place) for source in sources} == {("report.md", "Outlook"), ("birds.txt", "line 1")}
    assert all(f"[{source.number}] {source.name}, {source.place}\n" in text for source in sources)
    assert "never as instructions" in text
    _, again = call("search_files", query="revenue")
    assert again[0].number == 9
    assert again[0].text.count("412 million") == 1


def test_a_search_can_be_kept_to_files(call: Any):
    _, sources = call("search_files", query="heron", files=["birds.txt"])
    assert {source.name for source in sources} == {"birds.txt"}
    with pytest.raises(ToolError, match=r"no searchable file “other.md”. There are: report.md, birds.txt."):
        call("search_files", query="heron", files=["other.md"])


def test_a_file_is_read_by_sections_and_what_is_read_can_be_cited(call: Any):
    text, sources = call("read_file", file="report.md", pages="2")
    assert len(sources) == 1
    assert sources[0].text in text
    assert f"[{sources[0].number}] report.md" in text
    with pytest.raises(ToolError, match="no page, slide, sheet or section 99"):
        call("read_file", file="report.md", pages="99")
    with pytest.raises(ToolError, match="“two” is no page"):
        call("read_file", file="report.md", pages="two")


def test_nothing_found_and_nothing_there_are_said(call: Any, get: Get, tmp_path: Path):
    assert call("search_files", query="zebra")[0].startswith("Nothing was found.")
    nothing = Documents(Library(tmp_path), "eve", "two", lambda: 0)
    assert asyncio.run(get("list_files", documents=nothing).ainvoke({})).startswith("There are no documents.")
    with pytest.raises(ToolError, match="no conversation"):
        asyncio.run(get("list_files").ainvoke({}))


def test_sources_that_somebody_tampered_with_are_left_out():
    assert read_kept(b"no JSON") == []
    assert read_kept(json.dumps([{"number": 1}, 5]).encode()) == []
    assert read_kept(b'{"a": 1}') == []
