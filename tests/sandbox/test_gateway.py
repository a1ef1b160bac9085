"""The gateway: interpreters of a Jupyter server, which runs here on loopback."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from orchat.errors import SandboxUnavailableError
from orchat.sandbox import engine_for
from orchat.sandbox.collector import Collector
from orchat.sandbox.environment import UserEnvironment
from orchat.sandbox.gateway import finish, take
from orchat.sandbox.limits import Limits
from orchat.settings import Settings

ROOT = Path(__file__).parents[2]
REQUIREMENTS = "jupyter-kernel-client>=1,<2\njupyter-server>=2.14,<3\nipykernel>=7,<8\n"


def test_a_gateway_without_an_address_is_said(settings: Settings):
    with pytest.raises(SandboxUnavailableError, match="ORCHAT_SANDBOX_GATEWAY names no server"):
        engine_for("gateway", settings)


def test_messages_of_a_kernel_are_taken_as_frames_are():
    collector = Collector(1, Limits())
    take({"msg_type": "stream", "content": {"name": "stdout", "text": "out"}}, collector)
    take({"msg_type": "stream", "content": {"name": "stderr", "text": "err"}}, collector)
    take({"msg_type": "status", "content": {"execution_state": "busy"}}, collector)
    plot = {"application/vnd.plotly.v1+json": {"data": []}, "text/plain": "Figure"}
    take({"msg_type": "display_data", "content": {"data": plot}}, collector)
    finish({"status": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mred\x1b[0m", "line"]}, collector)
    collector.close()
    assert (collector.stdout.text(), collector.stderr.text()) == ("out", "err")
    assert collector.outputs[0].data == '{"data": []}'
    assert collector.error is not None
    assert collector.error.traceback == "red\nline"
    assert collector.done


@pytest.fixture
def jupyter(tmp_path: Path) -> UserEnvironment:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    home = user_cache_path("orchat-tests", appauthor=False)
    environment = UserEnvironment(None, home, tmp_path / "requirements.txt")
    if environment.ensure(print) is None:
        pytest.skip(f"a Jupyter server cannot be installed here: {environment.problem}")
    return environment


@pytest.fixture
def server(jupyter: UserEnvironment, tmp_path: Path) -> Iterator[tuple[str, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    (tmp_path / "root").mkdir()
    command = [
        *(str(jupyter.ready / "bin" / "python"), "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *(f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path / 'root'}"),
    ]
    variables = {"PATH": os.defpath, "HOME": str(tmp_path)}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", token
        process.terminate()


@pytest.mark.long
def test_a_session_runs_on_a_jupyter_server(jupyter: UserEnvironment, server: tuple[str, str], tmp_path: Path):
    assert jupyter.ready is not None
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    paths = f"{ROOT}:{jupyter.ready / 'lib' / version / 'site-packages'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.gateway_session", *server, str(tmp_path / "data")],
        cwd=ROOT,
        env={"PYTHONPATH": paths, "PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["first"]["stdout"].startswith("a,b")
    assert told["first"]["outputs"][0]["data"] == "6"
    assert told["error"]["error"]["name"] == "ZeroDivisionError"
    assert told["files"]["files"] == ["out.bin"]
    assert told["kept"]
    assert (told["slow"]["limit"], told["slow"]["ended"]) == ("time", False)
    assert told["state"]["outputs"][0]["data"] == "5"
