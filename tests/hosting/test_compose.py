"""The compose files, read by a real Compose. It needs no engine for that, and nothing is built or started."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchat.settings import Settings
from tests.hosting.compose import OLDEST, compose
from tests.house.test_hosting_page import COMPOSE as COMMANDS
from tests.house.tree import ROOT

FILES = ("compose.yaml", "deploy/compose.team.yaml")
HEADS = [re.findall(r"docker compose .*", (ROOT / file).read_text().split("\nservices:")[0])[0] for file in FILES]


FOUND = compose()
pytestmark = pytest.mark.skipif(FOUND is None, reason=f"there is no Compose from {'.'.join(map(str, OLDEST))} on")


def config(clone: Path, command: str) -> dict[str, Any]:
    """What Compose understands where `docker compose …` is said in a clone, whatever the verb; it may not warn."""
    words, options = shlex.split(command)[2:], list[str]()
    while words and words[0] in ("-f", "--file", "--env-file"):
        options, words = [*options, *words[:2]], words[2:]
    assert FOUND is not None
    known = {"PATH": os.environ["PATH"], "HOME": str(clone)}  # noqa: TID251 - where Compose is
    done = subprocess.run(
        [*FOUND, *options, "config", "--format=json"], cwd=clone, env=known, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    # What it prints is a compose file again, in which a dollar is written twice.
    understood: dict[str, Any] = json.loads(done.stdout.replace("$$", "$"))
    return understood


@pytest.fixture
def clone(followed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which somebody has followed docs/hosting.md, with the real Docker in reach again."""
    for name in ("Dockerfile", "deploy/Caddyfile"):
        shutil.copy(ROOT / name, followed / name)
    return followed


@pytest.mark.parametrize("command", [*dict.fromkeys([*COMMANDS, *HEADS])])
def test_each_command_of_the_page_and_of_the_files_is_understood(clone: Path, command: str):
    services = config(clone, command)["services"]
    for service in services.values():
        build = service.get("build", {"dockerfile_inline": ""})
        if "dockerfile_inline" not in build:
            assert Path(build["context"], build["dockerfile"]) == clone / "Dockerfile"
        for volume in service["volumes"]:
            assert volume["type"] == "volume" or Path(volume["source"]).is_file()


def test_without_a_file_of_settings_one_container_is_for_this_machine_alone(clone: Path):
    (clone / ".env").unlink()
    [service] = config(clone, "docker compose up")["services"].values()
    assert [(port["host_ip"], port["target"], port["published"]) for port in service["ports"]] == [
        ("127.0.0.1", 8501, "8501")
    ]
    assert service["environment"]["ORCHAT_BIND"] == "127.0.0.1"


@pytest.mark.parametrize(("command", "replicas"), [(HEADS[0], 1), (HEADS[1], 2)], ids=["one", "team"])
def test_what_runs_orchat_may_do_nothing_but_that(clone: Path, command: str, replicas: int):
    services = config(clone, command)["services"]
    ours = [service for service in services.values() if service["image"] == "orchat:latest"]
    assert len(ours) == replicas
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["init"] is True
        assert [volume["target"] for volume in service["volumes"]] == ["/data"]


def test_a_team_is_reached_through_its_proxy_only(clone: Path):
    services = config(clone, HEADS[1])["services"]
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]


WRITTEN = """
OPENROUTER_API_KEY=sk-or-v1-0123456789abcdef
ORCHAT_BUDGET=user: 5/day, total: 100/month, chat: 2
ORCHAT_TOOL_SETTINGS={"weather": {"api_key": "a b"}}
ORCHAT_OIDC_CLIENT_SECRET='with $some "signs" # in it'
"""


@pytest.mark.parametrize("command", HEADS, ids=["one", "team"])
def test_every_setting_that_is_written_reaches_orchat_as_without_a_container(
    clone: Path, command: str, monkeypatch: pytest.MonkeyPatch
):
    with (clone / ".env").open("a") as file:
        file.write(WRITTEN)
    directly = Settings.load()
    assert directly.oidc_client_secret.get_secret_value() == 'with $some "signs" # in it'
    services = config(clone, command)["services"].values()
    monkeypatch.chdir(clone.parent)
    [environment, *others] = [one["environment"] for one in services if one["image"] == "orchat:latest"]
    assert all(other == environment for other in others)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    there = Settings.load()
    for name in ("api_key", "budgets", "tool_settings", "oidc_client_secret", "secret"):
        assert getattr(there, name) == getattr(directly, name)
    assert there.store_url.startswith("postgresql" if others else "sqlite")
