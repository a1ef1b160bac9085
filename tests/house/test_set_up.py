"""scripts/set_up.sh, on machines that lack something. The interpreters are stand-ins that note how they are called."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

COMMANDS = ["sh", "dirname", "basename", "head", "cmp", "cp", "sed", "rm", "mkdir"]


class Machine:
    """A PATH with the commands of a bare system and one `python3`."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.venv = folder / "venv"
        self.bin.mkdir()
        for command in COMMANDS:
            found = shutil.which(command)
            assert found is not None
            (self.bin / command).symlink_to(found)

    def add_python(self, path: Path, cases: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "$*" >>"{self.calls}"\ncase "$*" in\n{cases}\nesac\n')
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "scripts/set_up.sh", "requirements.lock"],
            cwd=ROOT,
            env={"PATH": str(self.bin), "VENV": str(self.venv)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def installed(self) -> bool:
        return "pip install" in self.calls.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_a_supported_python_it_says_which_ones_are(machine: Machine):
    machine.add_python(machine.bin / "python3", '-V) echo "Python 3.8.18" ;;\n*version_info*) exit 1 ;;')
    outcome = machine.set_up()
    assert outcome.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in outcome.stderr
    assert "Python 3.8.18" in outcome.stderr


def test_without_ensurepip_it_says_which_package_brings_it(machine: Machine):
    machine.add_python(machine.bin / "python3", "*ensurepip*) exit 1 ;;")
    outcome = machine.set_up()
    assert outcome.returncode != 0
    assert "apt install python3-venv" in outcome.stderr


def test_an_unchanged_lock_is_not_installed_again(machine: Machine):
    machine.add_python(machine.venv / "bin" / "python", "")
    shutil.copy(ROOT / "requirements.lock", machine.venv)
    assert machine.set_up().returncode == 0
    assert not machine.installed()


def test_a_changed_lock_is_installed(machine: Machine):
    machine.add_python(machine.venv / "bin" / "python", "")
    (machine.venv / "requirements.lock").write_text("httpx==0.1\n")
    assert machine.set_up().returncode == 0
    assert machine.installed()
    assert (machine.venv / "requirements.lock").read_bytes() == (ROOT / "requirements.lock").read_bytes()


def test_packages_that_cannot_be_installed_leave_no_trace_of_success(machine: Machine):
    machine.add_python(machine.venv / "bin" / "python", "*install*) exit 1 ;;")
    outcome = machine.set_up()
    assert outcome.returncode != 0
    assert "could not be installed" in outcome.stderr
    assert not (machine.venv / "requirements.lock").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_help_lists_the_commands():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "make run " in shown.stdout
    assert "make test " in shown.stdout
