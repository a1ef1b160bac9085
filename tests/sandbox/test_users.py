"""The same attacks where the application is another user: a plain one, and root with a user for each session."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pydantic
import pytest

from orchat.sandbox import Sandbox
from orchat.sandbox.engine import Engine
from orchat.sandbox.users import can_separate, reachable

ROOT = Path(__file__).parents[2]
NOBODY = 65534
QUICK = ("secrets", "files", "users", "network", "processes")


def python_for_others() -> str:
    """A Python that another user can start and that has our packages' version."""
    same = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, "/usr/bin/python3", f"/usr/bin/python{same}"):
        path = Path(candidate)
        if not path.exists() or not reachable((path.resolve(), ROOT, Path(pydantic.__file__).parent)):
            continue
        question = [candidate, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        asked = subprocess.run(question, capture_output=True, check=False)
        if asked.stdout.decode().strip() == same:
            return candidate
    pytest.skip("no Python here can be started by another user")


def battery_as(user: int | None, backend: str, *groups: str, hosts: str = "") -> dict[str, object]:
    packages = str(Path(pydantic.__file__).parents[1])
    done = subprocess.run(
        [python_for_others(), "-B", "-m", "tests.sandbox.battery", backend, *groups],
        cwd=ROOT,
        env={
            "PYTHONPATH": f"{ROOT}:{packages}",
            "HOME": "/tmp",
            "PATH": "/usr/bin:/bin",
            "ORCHAT_SANDBOX_HOSTS": hosts,
        },
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout and "cannot be run here" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


@pytest.fixture
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")


@pytest.mark.usefixtures("_root")
@pytest.mark.parametrize("backend", ["bwrap", "landlock"])
def test_as_a_plain_user_nothing_gets_out(backend: str):
    told = battery_as(NOBODY, backend, *QUICK)
    assert told["failed"] == {}
    assert told["attacks"] > 80


@pytest.mark.usefixtures("_root")
def test_as_a_plain_user_whose_code_may_reach_a_host_nothing_gets_out():
    assert battery_as(NOBODY, "bwrap", *QUICK, hosts="allowed.invalid")["failed"] == {}


@pytest.mark.usefixtures("_root")
def test_as_root_with_landlock_and_a_user_for_each_session_nothing_gets_out():
    assert battery_as(None, "landlock", *QUICK)["failed"] == {}


@pytest.mark.long
@pytest.mark.usefixtures("_root")
@pytest.mark.parametrize("user", [NOBODY, None])
@pytest.mark.parametrize("backend", ["bwrap", "landlock"])
def test_no_attack_gets_anywhere_whoever_the_application_is(backend: str, user: int | None):
    told = battery_as(user, backend)
    assert told["failed"] == {}
    assert told["attacks"] > 250


@pytest.mark.usefixtures("_root")
def test_root_gives_each_session_a_user_of_its_own(engine: Engine, tmp_path: Path):
    if engine.backend.name != "bwrap" or not can_separate():
        pytest.skip("needs bubblewrap, and root that may change users")
    with Sandbox.open(tmp_path / "a", engine=engine) as one, Sandbox.open(tmp_path / "b", engine=engine) as other:
        users = [int(box.run("import os; print(os.getuid())").stdout) for box in (one, other)]
        assert len({*users, 0}) == 3
        assert [(tmp_path / name).stat().st_uid for name in "ab"] == users
        assert one.files.write("in.txt", b"x") == "in.txt"
        assert one.run("open('in.txt', 'a').write('y')").error is None
        assert one.files.read("in.txt") == b"xy"


@pytest.mark.usefixtures("_root")
def test_a_folder_of_an_earlier_sessions_user_is_given_to_the_next(engine: Engine, tmp_path: Path):
    for text in "ab":
        with Sandbox.open(tmp_path / "w", engine=engine) as box:
            assert (
                box.run(f"import os\nos.makedirs('d', exist_ok=True)\nopen('d/f', 'a').write('{text}')").error is None
            )
    assert (tmp_path / "w" / "d" / "f").read_text() == "ab"
