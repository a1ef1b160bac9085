"""Which backend is used: by name, by trying, or none; and never one that did not hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchat.choices import SandboxBackend
from orchat.errors import SandboxUnavailableError
from orchat.sandbox import Sandbox, available, engine_for
from orchat.sandbox import choice as choosing
from orchat.sandbox.backends.landlock import Landlock
from orchat.sandbox.backends.unsafe import Unsafe
from orchat.sandbox.engine import Engine
from orchat.sandbox.environment import UserEnvironment
from orchat.sandbox.report import Finding
from orchat.sandbox.selftests import ATTACKS, examine
from orchat.settings import Settings
from tests.sandbox.attacks import GROUPS
from tests.sandbox.battery import PRELUDE
from tests.sandbox.world import World


def set_to(settings: Settings, backend: str) -> Settings:
    return settings.model_copy(update={"sandbox": SandboxBackend(backend)})


@pytest.fixture
def findings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, Path], Finding]:
    """What was found out about this machine, to be replaced."""
    known: dict[tuple[str, Path], Finding] = {}
    monkeypatch.setattr(choosing, "_findings", known)
    return known


def test_the_first_that_holds_is_used(settings: Settings, findings: dict[tuple[str, Path], Finding]):
    findings["bwrap", settings.data_dir] = Finding("bwrap", "no permissions to create a new namespace")
    findings["landlock", settings.data_dir] = Finding("landlock")
    report = available(settings)
    assert report.chosen == "landlock"
    assert [finding.backend for finding in report.findings] == ["bwrap", "landlock"]


def test_a_named_one_that_does_not_hold_is_an_error_and_nothing_else_is_taken(
    settings: Settings, findings: dict[tuple[str, Path], Finding]
):
    findings["bwrap", settings.data_dir] = Finding("bwrap", "code in it opens a connection")
    findings["landlock", settings.data_dir] = Finding("landlock")
    with pytest.raises(SandboxUnavailableError, match="code in it opens a connection"):
        engine_for("bwrap", settings)
    assert available(set_to(settings, "bwrap")).chosen is None


def test_where_none_holds_the_reasons_are_said(settings: Settings, findings: dict[tuple[str, Path], Finding]):
    findings["bwrap", settings.data_dir] = Finding("bwrap", "not installed")
    findings["landlock", settings.data_dir] = Finding("landlock", "an old kernel")
    with pytest.raises(SandboxUnavailableError, match="bwrap: not installed; landlock: an old kernel"):
        engine_for("auto", settings)


def test_it_can_be_switched_off(settings: Settings):
    report = available(set_to(settings, "off"))
    assert report.chosen is None
    assert "switched off" in report.reason


def test_unsafe_is_never_chosen_by_itself(settings: Settings, findings: dict[tuple[str, Path], Finding]):
    findings["bwrap", settings.data_dir] = findings["landlock", settings.data_dir] = Finding("x", "no")
    assert available(settings).chosen is None
    assert available(set_to(settings, "unsafe")).chosen == "unsafe"


def test_a_backend_is_tried_once_in_a_process(settings: Settings, findings: dict[tuple[str, Path], Finding]):
    first = available(set_to(settings, "landlock"))
    assert available(set_to(settings, "landlock")).findings == first.findings


def unsafe(settings: Settings) -> Engine:
    bare = UserEnvironment(None, settings.data_dir, None)
    return Engine(Unsafe(), bare, choosing.scratch_of(settings.data_dir), choosing.limits_of(settings))


def test_on_a_disk_that_is_nearly_full_it_is_the_disk_and_not_the_isolation_that_is_told_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.sandbox.watch.FREE_RESERVE", 1 << 60)
    assert "the disk has less than" in examine(unsafe(settings)).reason


def test_the_self_tests_notice_that_nothing_isolates(settings: Settings):
    finding = examine(unsafe(settings))
    assert not finding.holds
    for what in ("reads a file of the host", "opens a connection", "signals the application"):
        assert what in finding.reason
    assert finding.passed < len(ATTACKS)


def test_the_attacks_get_somewhere_where_nothing_isolates(settings: Settings, world: World, tmp_path: Path):
    """Only those that read: the others would be real."""
    with Sandbox.open(tmp_path / "w", engine=unsafe(settings)) as box:
        for name in ("a file with a key", "a file with a key, mapped", "the variables of a process that has a key"):
            said = box.run(PRELUDE.format(world=world.told()) + GROUPS["secrets"][name])
            assert world.token in said.stdout
        said = box.run(PRELUDE.format(world=world.told()) + "attempt(lambda: os.listdir(world['folder']))")
        assert "BREACH" in said.stdout


def test_a_backend_that_does_not_start_says_why(settings: Settings, tmp_path: Path):
    engine = unsafe(settings)
    engine.environment = UserEnvironment(tmp_path, tmp_path, None)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\necho broken >&2; exit 1\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    with pytest.raises(SandboxUnavailableError, match="does not run"):
        engine.start(tmp_path, engine.limits)


def test_a_kernel_without_landlock_is_told_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.sandbox.backends.landlock.version", lambda: 0)
    assert "no Landlock" in (Landlock().missing() or "")


def test_the_doctor_prints_a_table(tmp_path: Path):
    command = [sys.executable, "-m", "orchat.sandbox", "doctor"]
    told = subprocess.run(
        command,
        env={"ORCHAT_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "ORCHAT_SANDBOX_PACKAGES": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["backend", "self-tests", "seconds", "result"]
    assert {line.split()[0] for line in lines[1:3]} == {"bwrap", "landlock"}
    assert told.returncode == (0 if "is used" in told.stdout else 1)
