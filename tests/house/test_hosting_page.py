"""docs/hosting.md: at most ten commands from nothing to a login, each of which means something that exists."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "hosting.md").read_text()
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
"""All of them, for one container and for a team, from the first to the one that looks whether all is well."""
COMPOSE = [command for command in COMMANDS if command.startswith("docker compose")]
OIDC = next(block for block in re.findall(r"^```ini\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "OIDC" in block)
"""What goes into the file of settings so that people log in."""


def test_there_are_at_most_ten_from_a_clone_to_the_doctor():
    assert len(COMMANDS) <= 10
    # None that hides others.
    assert [command for command in COMMANDS if re.search(r"&&|\|\||;", command)] == []
    assert COMMANDS[0].startswith("git clone ")
    assert COMMANDS[-1].endswith(" python -m orchat doctor")


def test_the_settings_of_a_login_stand_before_what_starts_a_team():
    team = PAGE[PAGE.index("## A team") : PAGE.index("### What replicas share")]
    assert team.index("](#who-may-come-in)") < team.index("up --build")


def test_what_runs_it_is_spelled_out_apart_from_what_sets_it_up():
    assert all(PAGE.index(command) < PAGE.index("## Running it") for command in COMMANDS)


@pytest.mark.parametrize("command", COMPOSE)
def test_each_compose_command_names_a_file_and_services_that_exist(command: str):
    words = shlex.split(command)[2:]
    file = Path("compose.yaml")
    while words[0] in ("--file", "--env-file"):
        option, value, *words = words
        file = Path(value) if option == "--file" else file
    loaded: dict[str, Any] = yaml.safe_load((ROOT / file).read_text())
    verb, *rest = words
    assert verb in ("build", "up", "exec")
    if verb == "exec":
        service, *command = rest
        assert service in loaded["services"]
        assert command == ["python", "-m", "orchat", "doctor"]
        return
    options = {word for word in rest if word.startswith("--")}
    assert options <= {"--no-cache", "--build", "--detach", "--wait"}
    assert set(rest) - options <= loaded["services"].keys()
    for service in loaded["services"].values():
        build = service.get("build", {"dockerfile_inline": ""})
        if "dockerfile_inline" not in build:
            assert (ROOT / file).parent.joinpath(build["context"], "Dockerfile").resolve() == ROOT / "Dockerfile"


def test_what_is_written_into_the_settings_file_is_what_the_compose_file_asks_for():
    written = {name for command in COMMANDS for name in re.findall(r'^echo "(\w+)=', command)}
    team = (ROOT / "deploy" / "compose.team.yaml").read_text()
    demanded = set(re.findall(r"\$\{(\w+):\?", team))
    assert demanded <= written
    assert {name for name in written if f"${{{name}" not in team} == set()


def test_what_is_copied_is_there():
    [copied] = [shlex.split(command)[1] for command in COMMANDS if command.startswith("cp ")]
    assert (ROOT / copied).is_file()


def test_what_the_hosted_entry_alone_can_is_said_where_it_is_told_apart_from_the_other():
    [apart] = re.findall(r"^Without it, `streamlit run streamlit_app.py` .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    for hosted_only in ("ORCHAT_LOGIN=proxy", "ORCHAT_OIDC_METADATA_URL", "ORCHAT_LOG_FORMAT=json"):
        assert hosted_only in apart
    assert "all else" not in apart


def test_the_addresses_that_the_page_names_are_served():
    from orchat.hosting.artifact_frame import artifact_frame
    from orchat.hosting.private import METRICS
    from orchat.hosting.probes import readiness

    assert readiness(lambda: pytest.fail("nobody asked")).path == "/ready"
    assert METRICS == "/metrics"
    assert artifact_frame().path == "/artifact-frame"
    assert {"`/ready`", "`/metrics`", "`/_stcore/health`"} <= set(re.findall(r"`/[\w/]+`", PAGE))
