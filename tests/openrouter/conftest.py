from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.openrouter.upstream import Upstream

# A machine under load is no failure, and what was found is kept as an example in the test.
settings.register_profile("quiet", deadline=None, database=None)
settings.load_profile("quiet")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server
