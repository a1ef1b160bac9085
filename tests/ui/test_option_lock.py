"""Options of Streamlit are read without waiting for each other."""

import threading

import pytest
from streamlit import config

from orchat.ui import option_lock


def test_an_option_is_read_while_another_thread_holds_the_lock_of_all(monkeypatch: pytest.MonkeyPatch):
    held = threading.Lock()
    monkeypatch.setattr(config, option_lock.LOCK, held)
    read: list[object] = []
    reader = threading.Thread(target=lambda: read.append(config.get_option("server.port")), daemon=True)
    with held:
        reader.start()
        reader.join(0.2)
        assert read == []
        option_lock.open_to_readers()
        other = threading.Thread(target=lambda: read.append(config.get_option("server.port")), daemon=True)
        other.start()
        other.join(10)
        assert read == [config.get_option("server.port")]
    reader.join(10)


def test_a_streamlit_without_such_a_lock_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(config, option_lock.LOCK)
    option_lock.open_to_readers()
    assert not hasattr(config, option_lock.LOCK)
