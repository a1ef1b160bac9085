"""The commands of docs/hosting.md, executed: what they write is what the compose files and orchat can use.

Docker itself is a stand-in that writes down what it is told, since no image can be pulled here. What needs none is done
with a real one in test_compose_up.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchat.doctor import Finding, State
from orchat.doctor.checks import _login
from orchat.hosting.app import Hosting
from orchat.settings import Settings
from orchat.store import Store
from tests.browser.app_process import ROOT
from tests.house.test_hosting_page import COMMANDS, OIDC, PAGE

STAND_IN = """#!{python}
import shutil, subprocess, sys

def here(word):
    return word.replace("/data", "{data}").replace("python -m", "{python} -m")

verb, *words = sys.argv[2:]
if verb in ("exec", "run"):
    command = [here(word) for word in words[words.index("api") + 1 :]]
    command[:1] = ["{python}"] if command[0] == "python" else command[:1]
    sys.exit(subprocess.run(command, cwd="{root}", check=False).returncode)
if verb == "cp":
    assert words[1] == "."
    shutil.copy(here(words[0].removeprefix("api:")), words[1])
"""
"""A Docker in whose containers /data is a folder of this machine."""


def follow(block: str, folder: Path, data: Path) -> None:
    """Run the commands of a block in a folder."""
    (folder / "docker").write_text(STAND_IN.format(python=sys.executable, data=data, root=ROOT))
    (folder / "docker").chmod(0o755)
    environment = {"PATH": f"{folder}:{os.defpath}", "ORCHAT_DATA_DIR": str(data)}
    subprocess.run(["sh", "-eu", "-c", block], cwd=folder, env=environment, check=True)


def test_a_backup_comes_out_of_the_container_and_goes_back_in_as_the_page_says(tmp_path: Path):
    back_up, restore = re.findall(r"^ +```console\n(.*?)^ +```$", PAGE, re.MULTILINE | re.DOTALL)
    data = tmp_path / "volume"
    data.mkdir()
    url = f"sqlite:///{data}/orchat.db"
    with Store.open(url) as store:
        chat = store.create_conversation("ann").id
        store.rename("ann", chat, "Kept")
    # Each time anew: nothing is left that would be in the way of the next.
    for _ in range(2):
        follow(back_up, tmp_path, data)
    assert [path.name for path in data.glob("*.backup")] == []
    with Store.open(url) as store:
        store.rename("ann", chat, "Changed")
    follow(restore, tmp_path, data)
    # What was there before.
    assert len([*data.glob("*.backup")]) == 1
    assert not (data / "in").exists()
    with Store.open(url) as store:
        assert [found.title for found in store.conversations("ann")] == ["Kept"]


def written(clone: Path) -> dict[str, str]:
    lines = [line for line in (clone / ".env").read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_docker_is_told_what_the_page_says_in_its_order(followed: Path):
    told = (followed.parent / "told").read_text().splitlines()
    assert told == [command.removeprefix("docker ") for command in COMMANDS if command.startswith("docker ")]


def of_a_replica(followed: Path) -> dict[str, str]:
    """The variables of a team's replica: those of `.env`, and over them the compose file's own."""
    known = written(followed)
    team = (followed / "deploy" / "compose.team.yaml").read_text()

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match[1], match[2], match[3]
        assert known.get(name) or kind != ":?", f"{name} is not written"
        return known.get(name) or (rest or "")

    filled = yaml.safe_load(re.sub(r"\$\{(\w+)(:[?-])?([^}]*)\}", value, team))
    assert filled["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"] == known["POSTGRES_PASSWORD"]
    environment: dict[str, str] = filled["services"]["api-1"]["environment"]
    return {name: text for name, text in (known | environment).items() if name.startswith("ORCHAT_")}


def test_the_settings_that_they_write_fill_the_compose_file_and_can_be_used(followed: Path):
    settings = Settings(**of_a_replica(followed))
    assert settings.secret is not None
    assert settings.store_url.startswith("postgresql")
    assert written(followed)["POSTGRES_PASSWORD"] in settings.store_url
    assert settings.public_url == "https://chat.example.com"


def test_with_the_lines_of_a_login_people_log_in(followed: Path):
    with (followed / ".env").open("a") as file:
        file.write(OIDC)
    settings = Settings(**of_a_replica(followed))
    told = Hosting(settings, pytest.fail, pytest.fail, "").secrets()["auth"]
    assert told["redirect_uri"] == "https://chat.example.com/oauth2callback"
    assert all(told.values())
    assert _login(settings) == Finding("Login", State.FINE, "oidc")


def test_without_the_team_the_settings_are_those_of_the_template(followed: Path):
    assert Settings.load().api_key is None
