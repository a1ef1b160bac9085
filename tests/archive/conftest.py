"""What tests of exports and imports share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store
