"""No test reads the settings of whoever runs it."""

import os
from collections.abc import Iterator

import pytest

OURS = ("OPENROUTER_", "ORCHAT_")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):  # noqa: TID251 - the environment of the tests, not of orchat
            if name.startswith(OURS) and not name.startswith("ORCHAT_TEST_"):
                patch.delenv(name)
        yield
