"""The library: whose documents a conversation can search, and what is left when it is gone."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.errors import ForbiddenByOperatorError, NotFoundError, ZDRConflictError
from orchat.library import IDLE_AFTER, Library, Shelf
from orchat.library_helpers import client_of, scans_of
from orchat.openrouter.rules import Rules
from orchat.search import Collection
from orchat.settings import Settings
from orchat.store import Store
from orchat.temporary import PREFIX
from tests import waiting
from tests.search import made_files


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "documents")
    yield library
    library.close()


def put(collection: Collection, name: str, text: str) -> None:
    collection.add([(name, text.encode())])
    collection.ingest_pending()
    wait_for(lambda: any(status.chunks for status in collection.status() if status.name == name))


def wait_for(reached: Callable[[], bool]) -> None:
    waiting.until(reached, 30)


def test_a_conversation_reaches_its_own_documents_its_persons_and_the_shared_ones(library: Library):
    assert library.in_reach("ada", "one") == {}
    put(library.of(Shelf.CHAT, "ada", "one"), "chat.md", "The heron stands still.")
    put(library.of(Shelf.OWN, "ada"), "own.md", "The otter swims.")
    put(library.of(Shelf.SHARED, "operator"), "shared.md", "The owl flies.")
    assert list(library.in_reach("ada", "one")) == [Shelf.CHAT, Shelf.OWN, Shelf.SHARED]
    assert list(library.in_reach("ada", "two")) == [Shelf.OWN, Shelf.SHARED]
    assert list(library.in_reach("eve", "two")) == [Shelf.SHARED]
    (hit,) = library.in_reach("eve", "two")[Shelf.SHARED].search("owl")
    assert hit.name == "shared.md"


def test_nobody_reaches_the_documents_of_somebody_elses_chat(library: Library):
    put(library.of(Shelf.CHAT, "ada", "one"), "chat.md", "The heron stands still.")
    assert library.in_reach("eve", "one") == {}
    assert library.of(Shelf.CHAT, "eve", "one").files() == []


def test_owners_may_have_any_name(library: Library, tmp_path: Path):
    put(library.of(Shelf.OWN, "../../etc/passwd"), "own.md", "The otter swims.")
    assert {path.parent for path in tmp_path.rglob("*.db")} == {tmp_path / "documents"}


def test_the_documents_of_a_chat_go_with_it_and_their_words_too(library: Library, tmp_path: Path):
    put(library.of(Shelf.CHAT, "ada", "one"), "secret.md", "The marmot whistles softly.")
    put(library.of(Shelf.OWN, "ada"), "own.md", "The otter swims.")
    library.forget([("ada", "one"), ("ada", "never there")])
    assert list(library.in_reach("ada", "one")) == [Shelf.OWN]
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"otter" in left
    assert b"marmot" not in left


def test_a_collection_that_nobody_asks_for_is_closed_and_opened_again(tmp_path: Path):
    now = 0.0
    library = Library(tmp_path, clock=lambda: now)
    first = library.of(Shelf.OWN, "ada")
    put(first, "own.md", "The otter swims.")
    assert library.of(Shelf.OWN, "ada") is first
    now += IDLE_AFTER + 1
    library.close_idle()
    again = library.of(Shelf.OWN, "ada")
    assert again is not first
    assert [hit.name for hit in again.search("otter")] == ["own.md"]
    library.close()


def test_a_file_with_another_owner_in_it_is_refused(tmp_path: Path):
    library = Library(tmp_path)
    path = library._path("ada", "own")
    assert path is not None
    Collection.open(path, "eve").close()
    with pytest.raises(NotFoundError):
        library.of(Shelf.OWN, "ada")
    library.close()


def test_models_of_openrouter_see_documents_under_zero_data_retention_only_and_only_if_the_operator_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with DemoServer(speed=0) as demo:
        settings = {
            "OPENROUTER_API_KEY": demo.api_key,
            "OPENROUTER_BASE_URL": demo.base_url,
            "ORCHAT_DATA_DIR": str(tmp_path),
            "ORCHAT_EMBEDDINGS": "openai/text-embedding-3-small",
            "ORCHAT_RERANKER": "cohere/rerank-v3.5",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        store = Store.open(Settings.load().store_url)
        library = Library.of_settings(Settings.load(), store)
        shelf = library.of(Shelf.OWN, "ada")
        put(shelf, "moon.md", "Of the moon there are tides.")
        put(shelf, "owl.md", "The owl looks at the moon.")
        wait_for(lambda: shelf.vectors.complete)
        assert shelf.search("moon tides")[0].name == "moon.md"
        library.close()
        sent = {request.path: request.body["provider"]["zdr"] for request in demo.requests if request.body}
        assert sent == {"/api/v1/embeddings": True, "/api/v1/rerank": True}
        before = len(demo.requests)
        monkeypatch.setenv("ORCHAT_EMBEDDINGS", "off")
        monkeypatch.setenv("ORCHAT_RERANKER", "")
        quiet = Library.of_settings(Settings.load(), store)
        assert [hit.name for hit in quiet.of(Shelf.OWN, "ada").search("tides")] == ["moon.md"]
        quiet.close()
        assert len(demo.requests) == before
        store.close()


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Library, Store, DemoServer]]:
    """A library whose documents go to OpenRouter, and the store with its ledger."""
    with DemoServer(speed=0) as demo:
        monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
        monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
        monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("ORCHAT_EMBEDDINGS", "openai/text-embedding-3-small")
        monkeypatch.setenv("ORCHAT_RERANKER", "cohere/rerank-v3.5")
        settings = Settings.load()
        with Store.open(settings.store_url) as store:
            library = Library.of_settings(settings, store)
            yield library, store, demo
            library.close()


def test_vectors_and_rankings_of_openrouter_are_in_the_ledger_to_the_cent(outside: tuple[Library, Store, DemoServer]):
    library, store, demo = outside
    shelf = library.of(Shelf.CHAT, "ada", "chat")
    put(shelf, "moon.md", "Of the moon there are tides.")
    put(shelf, "owl.md", "The owl looks at the moon.")
    wait_for(lambda: shelf.vectors.complete)
    assert shelf.search("moon tides")
    calls = store.calls_of("ada", "chat")
    assert {call.kind for call in calls} == {"embedding", "rerank"}
    assert {call.state for call in calls} == {"done"}
    assert {call.reserved for call in calls} == {None}
    spent = Decimal(str(demo._state.account.used))
    assert sum(call.cost or 0 for call in calls) == pytest.approx(spent, abs=Decimal("1e-9"))


def test_a_budget_that_is_used_up_leaves_the_search_by_words(outside: tuple[Library, Store, DemoServer]):
    library, store, demo = outside
    store.set_user_limits("ada", "0")
    shelf = library.of(Shelf.OWN, "ada")
    put(shelf, "moon.md", "Of the moon there are tides.")
    assert [hit.name for hit in shelf.search("moon tides")] == ["moon.md"]
    assert "Your budget is used up." in shelf.vectors.problem
    assert [request for request in demo.requests if request.body] == []


def test_scans_are_read_where_an_operator_wants_it_and_never_where_zero_data_retention_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with DemoServer(speed=0) as demo:
        given = {"OPENROUTER_API_KEY": demo.api_key, "OPENROUTER_BASE_URL": demo.base_url, "ORCHAT_DATA_DIR": tmp_path}
        settings = Settings(**given, ORCHAT_SCANS="demo/fast")
        rules = [Rules()]
        client = client_of(settings, lambda: rules[0])
        reader = scans_of(settings, client)
        assert client is not None
        assert reader is not None
        with client:
            assert "1 page(s), read by mistral-ocr" in reader.read(made_files.pdf(["Total: 12"]))
            [request] = [request for request in demo.requests if request.path.endswith("/chat/completions")]
            assert request.body["plugins"] == [{"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}]
            for rules[0], refusal in (
                (Rules(forbidden_features=("file-parser",)), ForbiddenByOperatorError),
                (Rules(zdr=True), ZDRConflictError),
            ):
                with pytest.raises(refusal):
                    reader.read(b"%PDF-1.4")
            assert len([request for request in demo.requests if request.path.endswith("/chat/completions")]) == 1


def test_the_documents_of_a_temporary_chat_are_in_memory_for_as_long_as_it_lasts(tmp_path: Path):
    now = 0.0
    library = Library(tmp_path / "documents", clock=lambda: now)
    chat = f"{PREFIX}one"
    assert library.in_reach("ada", chat) == {}
    put(library.of(Shelf.CHAT, "ada", chat), "chat.md", "The heron stands still.")
    now += IDLE_AFTER + 1
    library.close_idle()
    (hit,) = library.in_reach("ada", chat)[Shelf.CHAT].search("heron")
    assert hit.name == "chat.md"
    assert library.in_reach("eve", chat) == {}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    library.forget([("ada", chat)])
    assert library.in_reach("ada", chat) == {}
    library.close()


def test_a_temporary_chat_that_is_kept_takes_its_documents_along_with_their_ids(library: Library):
    chat = f"{PREFIX}one"
    put(library.of(Shelf.CHAT, "ada", chat), "chat.md", "The heron stands still.")
    (before,) = library.of(Shelf.CHAT, "ada", chat).search("heron")
    library.keep("ada", chat, "kept")
    library.keep("ada", f"{PREFIX}without", "another")
    library.forget([("ada", chat)])
    (after,) = library.in_reach("ada", "kept")[Shelf.CHAT].search("heron")
    assert (after.file, after.text) == (before.file, before.text)
    assert library.original(Shelf.CHAT, "ada", "kept", after.file) == b"The heron stands still."
    assert Shelf.CHAT not in library.in_reach("ada", "another")


def test_where_the_database_is_a_file_that_is_named_documents_are_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.db")
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    settings = Settings.load()
    with Store.open(settings.store_url) as store:
        library = Library.of_settings(settings, store)
        put(library.of(Shelf.OWN, "ann"), "birds.txt", "The hoopoe has a crest.")
        assert library.has_any("ann", "")
        library.close()
