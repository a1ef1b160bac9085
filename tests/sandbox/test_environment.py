"""The environment for code: made once, by one of two that ask, and done without where it cannot be made."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchat.sandbox import Sandbox, environment
from orchat.sandbox.engine import Engine
from orchat.sandbox.environment import REQUIREMENTS, UserEnvironment


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """None at all, which needs no network."""
    path = tmp_path / "requirements.txt"
    path.write_text("# nothing\n")
    return path


def test_it_is_made_once_and_says_what_it_does(tmp_path: Path, requirements: Path):
    said: list[str] = []
    made = UserEnvironment(None, tmp_path / "home", requirements)
    assert made.ready is None
    folder = made.ensure(said.append)
    assert folder is not None
    assert (folder / "bin" / "python").exists()
    assert said[0].startswith("Making the environment")
    said.clear()
    assert UserEnvironment(None, tmp_path / "home", requirements).ensure(said.append) == folder
    assert said == []


def test_of_two_that_ask_at_once_one_makes_it(tmp_path: Path, requirements: Path):
    said: list[str] = []
    makers = [UserEnvironment(None, tmp_path / "home", requirements) for _ in range(2)]
    threads = [threading.Thread(target=maker.ensure, args=(said.append,)) for maker in makers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(maker.ready for maker in makers)
    assert sum(line.startswith("Making") for line in said) == 1


def test_other_requirements_are_another_environment(tmp_path: Path, requirements: Path):
    first = UserEnvironment(None, tmp_path, requirements).folder
    requirements.write_text("six\n")
    assert UserEnvironment(None, tmp_path, requirements).folder != first


def test_where_it_cannot_be_made_code_runs_with_python_alone(engine: Engine, tmp_path: Path, requirements: Path):
    if engine.backend.name == "docker":
        pytest.skip("a container has its image's")
    requirements.write_text("a-package-that-does-not-exist @ file:///nowhere/at/all\n")
    poor = UserEnvironment(None, tmp_path / "home", requirements)
    with Sandbox.open(tmp_path / "w", engine=Engine(engine.backend, poor, engine.scratch, engine.limits)) as box:
        assert box.run("import json; json.dumps(42)").outputs[0].data == "'42'"
        error = box.run("import numpy").error
        assert error is not None
        assert error.name == "ModuleNotFoundError"
    assert poor.problem
    assert poor.ready is None


def test_it_is_not_tried_again_at_once(tmp_path: Path, requirements: Path):
    requirements.write_text("nothing @ file:///nowhere\n")
    said: list[str] = []
    poor = UserEnvironment(None, tmp_path / "home", requirements)
    poor.ensure(said.append)
    tried = len(said)
    assert poor.ensure(said.append) is None
    assert len(said) == tried


def test_one_that_is_given_is_taken_as_it_is(engine: Engine, tmp_path: Path):
    if engine.backend.name == "docker":
        pytest.skip("a container has its image's")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "given")], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (tmp_path / "given" / "lib" / version / "site-packages" / "answer.py").write_text("value = 42\n")
    given = UserEnvironment(tmp_path / "given", tmp_path)
    with Sandbox.open(tmp_path / "w", engine=Engine(engine.backend, given, engine.scratch, engine.limits)) as box:
        assert box.run("import answer; answer.value").outputs[0].data == "42"
        assert box.run("open(answer.__file__, 'w')").error is not None


def test_one_that_is_given_and_not_there_is_said(tmp_path: Path):
    missing = UserEnvironment(tmp_path / "missing", tmp_path)
    assert missing.ensure() is None
    assert "no virtual environment" in missing.problem


def test_what_is_shipped_names_the_packages_that_people_expect():
    named = {line.partition("==")[0] for line in REQUIREMENTS.read_text().splitlines()}
    assert {"numpy", "pandas", "matplotlib", "scipy", "openpyxl", "pillow", "plotly", "altair"} <= named


def test_without_an_installer_the_reason_is_said(tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch):
    def missing(_: str) -> list[str]:
        raise FileNotFoundError("neither uv nor pip is there to install packages with")

    monkeypatch.setattr(environment, "installer", missing)
    poor = UserEnvironment(None, tmp_path / "home", requirements)
    assert poor.ensure(lambda _: None) is None
    assert "neither uv nor pip" in poor.problem
