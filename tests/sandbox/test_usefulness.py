"""What ordinary code needs has to work: a sandbox that stops everything is easy."""

from collections.abc import Iterator

import pytest

from orchat.sandbox import Limits, Sandbox
from orchat.sandbox.engine import Engine
from orchat.sandbox.environment import UserEnvironment
from tests.sandbox.useful import CHECKS

NO_PROGRAMS = {"subprocess", "multiprocessing"}
"""Landlock cannot hold a program that is started, so none is."""


@pytest.fixture(scope="module")
def useful(engine: Engine, packages: UserEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    rich = Engine(engine.backend, packages, engine.scratch, Limits())
    with Sandbox.open(tmp_path_factory.mktemp("useful") / "workspace", engine=rich) as box:
        yield box


@pytest.mark.parametrize("name", CHECKS)
def test_it_works(useful: Sandbox, engine: Engine, name: str):
    result = useful.run(CHECKS[name], timeout=60)
    if engine.backend.name == "landlock" and name in NO_PROGRAMS:
        assert result.error is not None
        assert result.error.name == "PermissionError"
        return
    assert result.error is None
    assert "42" in result.stdout


def test_input_is_refused_clearly(useful: Sandbox):
    error = useful.run("input()").error
    assert error is not None
    assert "Put the value into the code" in error.value


def test_an_interrupt_keeps_state(useful: Sandbox):
    useful.run("state = 42")
    assert useful.run("import time; time.sleep(30)", timeout=0.5).limit == "time"
    assert useful.run("state").outputs[0].data == "42"


def test_a_figure_becomes_a_picture_and_a_frame_a_table(useful: Sandbox):
    result = useful.run(
        "import matplotlib.pyplot as plt, pandas as pd\nplt.plot([1, 2])\n"
        "pd.DataFrame({'a': [1, None], 'b': ['x', 'y']})"
    )
    table, picture = result.outputs
    assert table.mime == "application/vnd.dataresource+json"
    assert '"data": [[0, 1.0, "x"], [1, null, "y"]]' in table.data
    assert "a" in table.text
    assert picture.mime == "image/png"
    assert isinstance(picture.data, bytes)
    assert useful.run("1 + 1").outputs[0].data == "2"


def test_a_plot_beyond_any_screen_is_made_smaller(useful: Sandbox):
    picture = useful.run(CHECKS["a large plot"]).outputs[0].data
    assert isinstance(picture, bytes)
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert width * height <= 16_500_000
    assert width > 1000


def test_the_fonts_were_found_when_the_environment_was_made(useful: Sandbox):
    result = useful.run(
        "import logging\nlogging.basicConfig(level=10)\n"
        "import matplotlib.font_manager as f\nprint(len(f.fontManager.ttflist))"
    )
    assert "generated new fontManager" not in result.stderr
    assert result.error is None
