"""What the backends give to an interpreter, and what stands beside it on a host."""

import os
from pathlib import Path

import pytest

from orchat.sandbox.backends.bwrap import mounts
from orchat.sandbox.backends.landlock import RUN, rules, visible
from orchat.sandbox.backends.system import environment
from orchat.sandbox.launch import Place
from orchat.sandbox.limits import Limits
from orchat.sandbox.python import UserPython, user_python

APPLICATIONS = (
    "/usr/src/app/.env",
    "/usr/local/app/.env",
    "/opt/app/.env",
    "/srv/app/.env",
    "/app/.env",
    "/data/orchat.db",
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "w", tmp_path / "t", Limits(), user_python(None))


def read_only(place: Place) -> list[Path]:
    """What bubblewrap is told to show."""
    told = mounts(place)
    return [Path(told[at + 1]) for at, word in enumerate(told) if word.startswith("--ro-bind")]


def test_folders_where_images_put_applications_are_not_shown(place: Place):
    python = place.python.folders
    for path in map(Path, APPLICATIONS):
        assert not [shown for shown in read_only(place) if path.is_relative_to(shown) and shown not in python]
        assert not [shown for shown, _ in rules(place) if path.is_relative_to(shown) and Path(shown) not in python]


def test_packages_of_the_bare_python_are_hidden(tmp_path: Path):
    """They may be the application's own, where it was installed without an environment."""
    library = tmp_path / "base" / "lib" / "python3.11"
    (library / "site-packages" / "secret").mkdir(parents=True)
    (library / "json").mkdir()
    python = UserPython(tmp_path / "base" / "bin" / "python", tmp_path / "base", library, "3.11")
    place = Place(tmp_path / "w", tmp_path / "t", Limits(), python)
    assert (str(library / "json"), RUN) in list(rules(place))
    assert not [path for path, _ in rules(place) if (library / "site-packages" / "secret").is_relative_to(path)]
    told = mounts(place)
    assert told[told.index(str(library / "site-packages")) - 1] == "--tmpfs"
    assert list(visible(library, set())) == [library]


def test_variables_are_given_one_by_one(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-secret")
    given = environment(place.limits, "/workspace", "/tmp", Path("/usr/bin"))
    assert "sk-or-v1-secret" not in given.values()
    assert set(given) == {
        *("PATH", "HOME", "TMPDIR", "LANG", "MPLBACKEND", "MALLOC_ARENA_MAX"),
        *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"),
    }


def test_python_starts_without_what_its_starter_has(place: Place):
    assert place.python.command[1:3] == ("-I", "-B")
    assert "-S" in place.python.command
    assert os.access(place.python.executable, os.X_OK)
