"""The environment for user code that tests share."""

from pathlib import Path

import pytest
from platformdirs import user_cache_path

from orchat.sandbox.environment import UserEnvironment

REQUIREMENTS = Path(__file__).parent / "requirements.txt"


@pytest.fixture(scope="session")
def packages() -> UserEnvironment:
    """An environment with what charts are made with: made once on a machine, and kept outside of the repository."""
    environment = UserEnvironment(None, user_cache_path("orchat-tests", appauthor=False), REQUIREMENTS)
    if environment.ensure(print) is None:
        pytest.skip(f"numpy, pandas and matplotlib cannot be installed here: {environment.problem}")
    return environment
