"""The environment for user code that tests share."""

from pathlib import Path

import pytest
from platformdirs import user_cache_path

from orchat.sandbox.environment import UserEnvironment

REQUIREMENTS = Path(__file__).parent / "requirements.txt"


@pytest.fixture(scope="session")
def packages() -> UserEnvironment:
    """An environment with numpy, pandas, matplotlib, plotly and altair: made once, and kept outside of this folder."""
    environment = UserEnvironment(None, user_cache_path("orchat-tests", appauthor=False), REQUIREMENTS)
    if environment.ensure(print) is None:
        pytest.skip(f"numpy, pandas and matplotlib cannot be installed here: {environment.problem}")
    return environment
