"""The commands of docs/hosting.md, executed: what they write is what the compose files and orchat can use.

Docker itself is a stand-in that writes down what it is told, since no image can be pulled here; the image is built and
run in test_image.
"""

import re
from pathlib import Path

import yaml

from orchat.settings import Settings
from tests.house.test_hosting_page import COMMANDS


def written(clone: Path) -> dict[str, str]:
    lines = [line for line in (clone / ".env").read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_docker_is_told_what_the_page_says_in_its_order(followed: Path):
    told = (followed.parent / "told").read_text().splitlines()
    assert told == [command.removeprefix("docker ") for command in COMMANDS if command.startswith("docker ")]


def test_the_settings_that_they_write_fill_the_compose_file_and_can_be_used(followed: Path):
    known = written(followed)
    team = (followed / "deploy" / "compose.team.yaml").read_text()

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match[1], match[2], match[3]
        assert known.get(name) or kind != ":?", f"{name} is not written"
        return known.get(name) or (rest or "")

    filled = yaml.safe_load(re.sub(r"\$\{(\w+)(:[?-])?([^}]*)\}", value, team))
    environment = filled["services"]["api-1"]["environment"]
    settings = Settings(**{name: text for name, text in environment.items() if name.startswith("ORCHAT_")})
    assert settings.secret is not None
    assert settings.store_url.startswith("postgresql")
    assert known["POSTGRES_PASSWORD"] in settings.store_url
    assert filled["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"] == known["POSTGRES_PASSWORD"]
    assert settings.public_url == "https://chat.example.com"


def test_without_the_team_the_settings_are_those_of_the_template(followed: Path):
    assert Settings.load().api_key is None
