"""The lock files: complete, hashed, and free of addresses."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT

KINDS = ("", "-search", "-telemetry", "-dev", "-container", "-full")
NAMES = (*(f"requirements{kind}" for kind in KINDS), "orchat/sandbox/requirements")
LOCKS = {f"{name}.txt": f"{name}.lock" for name in NAMES}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def requirements(name: str) -> list[Requirement]:
    lines = (line.split(" ;")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def pinned(lock: str) -> dict[str, set[Version]]:
    versions: dict[str, set[Version]] = {}
    for name, version in PINNED.findall((ROOT / lock).read_text()):
        versions.setdefault(canonicalize_name(name), set()).add(Version(version))
    return versions


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_locked_package_has_a_hash(lock: str):
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_holds_nothing_but_versions_and_hashes(lock: str):
    line = re.compile(r"[A-Za-z0-9._-]+==\S+( ; [\w.'\"<>=!() -]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [text for text in (ROOT / lock).read_text().splitlines() if not line.fullmatch(text)] == []


@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_names_no_address(lock: str):
    assert re.findall(r"https?:|file:|index|find-links", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("source, lock", LOCKS.items())
def test_every_requirement_is_locked_within_its_range(source: str, lock: str):
    locked = pinned(lock)
    for requirement in requirements(source):
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {lock}: run `make lock`"
        assert all(version in requirement.specifier for version in versions), f"{requirement}: run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-search.lock"])
def test_the_tests_run_on_the_versions_that_users_get(lock: str):
    development = pinned("requirements-dev.lock")
    assert {name: development.get(name) for name in pinned(lock)} == pinned(lock)


@pytest.mark.parametrize("lock", ["requirements-container.lock", "requirements-full.lock"])
def test_the_images_run_on_them_too(lock: str):
    theirs = pinned(lock)
    assert {name: theirs.get(name) for name in pinned("requirements.lock")} == pinned("requirements.lock")


def test_the_extras_ask_for_what_the_tests_use():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    tested = {str(requirement) for source in LOCKS for requirement in requirements(source)}
    assert {str(Requirement(text)) for texts in extras.values() for text in texts} <= tested
