"""`docker compose up` of compose.yaml, as it stands, by a real Docker: health, data, restarts, the end, upgrades."""

import json
import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from benchmarks.page_client import Tab
from orchat.store import Message
from orchat.store.schema import HEAD
from tests.browser.app_process import OWNER, ROOT
from tests.hosting.compose import Project, compose
from tests.hosting.docker import docker
from tests.hosting.image import UID, missing
from tests.house.test_hosting_page import PAGE
from tests.store.test_upgrade import EARLIER, at, fill
from tests.waiting import until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(missing()), reason=f"an image can be built with {', '.join(missing())} only"),
    pytest.mark.skipif(compose() is None, reason="there is no Compose that is new enough"),
]
KILL = "import os; os.kill(int(open('/proc/1/task/1/children').read().split()[0]), 9)"
"""What Docker's init has started, from within the container."""


@pytest.fixture
def project(loaded: str) -> Iterator[Project]:
    with Project(loaded) as project:
        yield project


def say(project: Project, text: str) -> None:
    with Tab(project.port) as tab:
        tab.rerun()
        tab.say(text)


def said(project: Project) -> list[Message]:
    """All messages of the only chat."""
    with project.store as store:
        [chat] = store.conversations(OWNER)
        return store.branch(OWNER, chat.id)


def half_written(project: Project) -> str:
    """A chat in which a long answer is on its way, some of it there."""
    with project.store as store:
        chat = store.create_conversation(OWNER, settings={"model": "demo/long", "auto": False}).id
        with Tab(project.port, query=f"chat={chat}") as tab:
            tab.rerun()
            tab.send("Go on for long")
            until(lambda: len(branch := store.branch(OWNER, chat)) > 1 and len(branch[-1].text) >= 400, 60)
    return chat


def test_up_ends_when_it_is_healthy_and_only_this_machine_reaches_it(project: Project):
    project.up()
    assert project.inspect("{{.State.Health.Status}}") == "healthy"
    assert project.run("port", "api", "8501") == f"127.0.0.1:{project.port}"
    held = "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Init}} {{.HostConfig.CapDrop}} {{.HostConfig.ShmSize}}"
    assert project.inspect(held) == f"true true [ALL] {512 * 2**20}"
    for folder in ("/app", "/opt/orchat", "/etc"):
        project.run("exec", "-T", "--user=root", "api", "touch", f"{folder}/written", status=1)
    project.run("exec", "-T", "api", "touch", "/data/written", "/tmp/written", "/dev/shm/written")


def test_all_attacks_fail_in_it_under_dockers_own_filter(project: Project):
    told = project.run(
        "run", "--rm", "-T", "api", "grep", "-E", "^(Seccomp|NoNewPrivs|CapEff|Uid):", "/proc/self/status"
    )
    status = {name: value.split()[0] for name, value in (line.split(":") for line in told.splitlines())}
    assert status == {"Uid": str(UID), "CapEff": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2"}
    tests = f"--volume={ROOT / 'tests'}:/app/tests:ro"
    result = json.loads(project.run("run", "--rm", "-T", tests, "api", "python", "-m", "tests.sandbox.battery", "auto"))
    assert result["failed"] == {}
    assert result["attacks"] >= 120
    confined = "from orchat.search.parsing import parse; print(parse(b'# Head\\n\\nText').parts[0].text)"
    assert project.run("run", "--rm", "-T", "api", "python", "-c", confined).startswith("# Head")


def test_a_chat_goes_through_and_its_volume_outlives_the_container(project: Project):
    project.up()
    say(project, "Hello from Compose")
    first = project.inspect("{{.Id}}")
    question, answer = said(project)
    assert (question.text, answer.state) == ("Hello from Compose", "done")
    assert (project.data.stat().st_uid, project.data.stat().st_gid) == (UID, UID)
    assert {path.stat().st_uid for path in project.data.rglob("*")} == {UID}
    project.run("down")
    project.up()
    assert project.inspect("{{.Id}}") != first
    assert said(project) == [question, answer]


def test_a_process_that_is_killed_is_started_again_and_keeps_what_it_had_written(project: Project):
    project.up()
    half_written(project)
    project.run("exec", "-T", "api", "python", "-c", KILL)
    until(lambda: project.inspect("{{.RestartCount}} {{.State.Health.Status}}") == "1 healthy", 60)
    _, answer = said(project)
    assert answer.state not in ("done", "running")
    assert len(answer.text) >= 400


def test_stop_keeps_what_was_being_written_within_the_grace(project: Project):
    project.up()
    chat = half_written(project)
    project.run("stop", "api")
    # 137 would be the kill at the end of the grace.
    assert project.inspect("{{.State.ExitCode}} {{.RestartCount}}") in ("0 0", "143 0")
    with project.store as store:
        answer = store.branch(OWNER, chat)[-1]
    assert answer.state == "stopped"
    assert len(answer.text) >= 400


def test_a_new_image_takes_over_the_volume_of_an_older_orchat(project: Project, loaded: str):
    project.run("create")
    at(project.url, EARLIER[-1])
    fill(project.url)
    os.chown(project.data / "orchat.db", UID, UID)
    newer = docker("commit", "--change=LABEL newer=yes", project.run("ps", "--all", "--quiet", "api"))
    project.use(newer)
    try:
        project.run("run", "--rm", "-T", "api", "python", "-m", "orchat", "migrate", "--check", status=1)
        told = project.run("run", "--rm", "-T", "api", "python", "-m", "orchat", "migrate")
        assert HEAD in told
        project.up()
        assert project.inspect("{{.Image}}") == newer
        with project.store as store:
            assert [chat.id for chat in store.conversations("owner 0")] == ["id 0"]
    finally:
        project.use(loaded)
        project.run("rm", "--stop", "--force", "--volumes")
        docker("rmi", newer)


def test_a_backup_comes_out_and_goes_back_in_as_the_page_says(project: Project):
    back_up, restore = re.findall(r"^ +```console\n(.*?)^ +```$", PAGE, re.MULTILINE | re.DOTALL)
    project.up()
    say(project, "Kept")
    kept = said(project)
    subprocess.run(["sh", "-eu", "-c", back_up], cwd=project.folder, check=True)
    say(project, "Not kept")
    subprocess.run(["sh", "-eu", "-c", restore], cwd=project.folder, check=True)
    assert said(project) == kept
    assert project.inspect("{{.State.Health.Status}}") == "healthy"
