"""Keys of people: encrypted, theirs alone, and never to be seen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.errors import SealError
from orchat.people.connecting import LASTS, Connections
from orchat.people.keyring import Keyring
from orchat.settings import Settings
from orchat.store import Store

KEY = "sk-or-v1-anns-own-key-1234567890"
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@pytest.fixture
def keyring(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Keyring]:
    monkeypatch.chdir(tmp_path)

    def keyring(secret: str) -> Keyring:
        monkeypatch.setenv("ORCHAT_SECRET", secret)
        return Keyring(Settings.load(), store)

    return keyring


def test_a_key_is_kept_for_its_owner_and_for_nobody_else(keyring: Callable[[str], Keyring]):
    keyring(ONE).save("ann", KEY)
    assert keyring(ONE).key("ann") == KEY
    assert keyring(ONE).key("bob") is None
    keyring(ONE).forget("ann")
    assert keyring(ONE).key("ann") is None


def test_the_database_never_holds_it_in_clear(keyring: Callable[[str], Keyring], tmp_path: Path):
    keyring(ONE).save("ann", KEY)
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert files
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_row_that_is_moved_to_somebody_else_opens_for_nobody(keyring: Callable[[str], Keyring], store: Store):
    keyring(ONE).save("ann", KEY)
    store.save_sealed("bob", "openrouter", store.sealed("ann", "openrouter"))
    with pytest.raises(SealError, match="somebody else"):
        keyring(ONE).key("bob")


def test_a_changed_row_does_not_open(keyring: Callable[[str], Keyring], store: Store):
    keyring(ONE).save("ann", KEY)
    sealed = store.sealed("ann", "openrouter")
    assert sealed
    other = b"B" if sealed[-9:-8] == b"A" else b"A"
    store.save_sealed("ann", "openrouter", sealed[:-9] + other + sealed[-8:])
    with pytest.raises(SealError):
        keyring(ONE).key("ann")


def test_the_secret_can_be_renewed_while_the_old_one_still_opens(keyring: Callable[[str], Keyring]):
    keyring(ONE).save("ann", KEY)
    with pytest.raises(SealError) as refused:
        keyring(TWO).key("ann")
    assert KEY not in str(refused.value)
    assert keyring(f"{TWO},{ONE}").key("ann") == KEY


def test_without_a_secret_nothing_is_kept(keyring: Callable[[str], Keyring], store: Store):
    without = keyring("")
    assert not without.keeps
    without.save("ann", KEY)
    assert store.sealed("ann", "openrouter") is None
    assert without.key("ann") is None


def test_a_way_to_openrouter_leads_back_once_and_for_its_owner_only():
    on_the_way = Connections("https://openrouter.ai/api/v1")
    address = on_the_way.begin("ann", "https://chat.example.com/")
    assert address.startswith("https://openrouter.ai/auth?callback_url=https%3A%2F%2Fchat.example.com%2F%3Fconnect%3D")
    assert "code_challenge_method=S256" in address
    [state] = on_the_way._begun
    assert on_the_way.verifier("bob", state) is None
    verifier = on_the_way.verifier("ann", state)
    assert verifier
    assert verifier not in address
    assert on_the_way.verifier("ann", state) is None


def test_a_way_that_took_too_long_leads_nowhere(monkeypatch: pytest.MonkeyPatch):
    import orchat.people.connecting as module

    on_the_way = Connections("https://openrouter.ai/api/v1")
    on_the_way.begin("ann", "https://chat.example.com/")
    [state] = on_the_way._begun
    now = module.time.monotonic()
    monkeypatch.setattr(module.time, "monotonic", lambda: now + LASTS + 1)
    assert on_the_way.verifier("ann", state) is None
