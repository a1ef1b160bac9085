"""The docker backend, with a stand-in for the command: what it is told, and frames over the three streams it has."""

from pathlib import Path

import pytest

from orchat.sandbox import Sandbox
from orchat.sandbox.backends.docker import Docker
from orchat.sandbox.choice import limits_of, scratch_of
from orchat.sandbox.engine import Engine
from orchat.sandbox.environment import UserEnvironment
from orchat.sandbox.launch import RUNNER
from orchat.settings import Settings

STAND_IN = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
    image) exit {image} ;;
    run) cd {workspace} && exec python3 -I -B {runner} ;;
    kill) [ "$2" = --signal ] && kill -INT $(cat {workspace}/pid) ;;
esac
"""


def test_without_docker_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in (Docker("x").missing() or "")


def test_without_its_image_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Error: No such image: x' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert Docker("x").missing() == "Error: No such image: x"


@pytest.fixture
def docker(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine whose docker runs the runner as it is, in the folders that a container would have had."""
    (tmp_path / "bin").mkdir()
    log, workspace = tmp_path / "log", tmp_path / "w"
    script = STAND_IN.format(log=log, image=0, workspace=workspace, runner=RUNNER)
    (tmp_path / "bin" / "docker").write_text(script)
    (tmp_path / "bin" / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr("orchat.sandbox.backends.docker.WORKSPACE", str(workspace))
    monkeypatch.setattr("orchat.sandbox.backends.docker.TEMPORARY", str(tmp_path / "t"))
    monkeypatch.setattr("orchat.sandbox.backends.docker.seccomp.AUDIT_ARCHITECTURES", {})
    bare = UserEnvironment(None, settings.data_dir, None)
    return Engine(Docker("orchat:latest"), bare, scratch_of(settings.data_dir), limits_of(settings))


def test_a_container_has_no_network_no_rights_and_limits(docker: Engine, tmp_path: Path):
    with Sandbox.open(tmp_path / "w", engine=docker):
        told = (tmp_path / "log").read_text()
    for option in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "no-new-privileges",
        "--pids-limit 128",
        "--memory 1073741824",
    ):
        assert option in told
    assert f"--volume {tmp_path / 'w'}:" in told
    assert "--label orchat=" in told
    assert "kill orchat-" in (tmp_path / "log").read_text()


CELL = """
import os, sys
open("pid", "w").write(str(os.getpid()))
print("out")
print("err", file=sys.stderr)
6 * 7
"""


def test_cells_run_over_its_three_streams(docker: Engine, tmp_path: Path):
    with Sandbox.open(tmp_path / "w", engine=docker) as box:
        result = box.run(CELL)
        assert (result.stdout, result.stderr) == ("out\n", "err\n")
        assert result.outputs[0].data == "42"
        assert box.run("os.write(1, b'from a program\\n')").stderr == "from a program\n"
        stopped = box.run("import time; time.sleep(60)", timeout=0.5)
        assert (stopped.limit, stopped.ended) == ("time", False)
