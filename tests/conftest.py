"""No test reads the settings of whoever runs it."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine. (In CI, Hypothesis derandomises by itself.)
settings.register_profile("no deadline", settings(), deadline=None)
settings.load_profile("no deadline")

OURS = ("OPENROUTER_", "ORCHAT_", "OTEL_")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):  # noqa: TID251 - the environment of the tests, not of orchat
            if name.startswith(OURS) and not name.startswith("ORCHAT_TEST_"):
                patch.delenv(name)
        yield
