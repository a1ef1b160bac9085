"""Without any network at all: files are read, indexed, found and drawn."""

import socket
from pathlib import Path

import pytest

from orchat.search import Collection
from orchat.search.parsing import render_page
from tests.search import made_files
from tests.search.test_citations import in_pdf, in_sheets, in_slides, in_word


@pytest.fixture
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.usefixtures("_no_sockets")
def test_everything_works_with_all_sockets_blocked(tmp_path: Path):
    with Collection.open(tmp_path / "one.db", "ann", background=False) as collection:
        collection.add(
            [("a.pdf", made_files.pdf(["the otter swims"])), ("b.xlsx", made_files.workbook({"a": [["otter"]]}))]
        )
        hits = collection.search("otter")
        assert {(hit.name, hit.page) for hit in hits} == {("a.pdf", 1), ("b.xlsx", 1)}
        pdf = next(hit for hit in hits if hit.name == "a.pdf")
        assert render_page(collection.original(pdf.file), 1, highlight=pdf.text).startswith(b"\x89PNG")


@pytest.mark.parametrize("make", [in_pdf, in_slides, in_sheets, in_word])
def test_every_hit_names_the_place_where_its_sentence_stands(make, tmp_path: Path):  # noqa: ANN001 - a function
    data, cases = make()
    with Collection.open(tmp_path / "one.db", "ann", background=False) as collection:
        collection.add([("valleys", data)])
        for sentence, place in list(cases)[::5]:
            hits = collection.search(sentence, 5)
            assert any(sentence in hit.text and hit.place == place for hit in hits)
            for hit in hits:
                parts = {part.place: part.text for part in collection.read(hit.file, [hit.page] if hit.page else None)}
                assert all(line in parts[hit.place] for line in hit.text.split("\n"))
