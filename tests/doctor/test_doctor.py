"""The doctor: each thing that can be wrong is found, with what to do, and no secret is told."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.doctor import State, report
from tests.doctor.conftest import Examine

ROOT = Path(__file__).parents[2]


def test_all_is_well(find: Examine):
    found = find(ORCHAT_SECRET="s" * 32)
    assert {f.subject: f.said for f in found.values() if f.state is not State.FINE} in (
        {},
        {"Account": "orchat runs as root"},
    )
    rest = ["Database", "Documents", "Retention", "Disk", "Login", "Own keys", "Account", "Sandbox", "Traces"]
    assert list(found) == ["Settings", "Key", "Models", "ZDR", "Rules", "People's keys", *rest]


@pytest.mark.parametrize(
    "settings, subject, state, said",
    [
        ({"ORCHAT_LOG_LEVEL": "LOUD"}, "Settings", State.FAILED, "ORCHAT_LOG_LEVEL"),
        ({"OPENROUTER_API_KEY": ""}, "Key", State.WARNING, "simulated"),
        ({"OPENROUTER_API_KEY": "", "ORCHAT_DEMO": "never"}, "Key", State.WARNING, "bring one"),
        ({"OPENROUTER_API_KEY": "", "ORCHAT_DEMO": "never", "ORCHAT_KEYS": "own"}, "Key", State.FINE, "bring"),
        ({"OPENROUTER_API_KEY": "sk-or-v1-invalid"}, "Key", State.FAILED, ""),
        ({"OPENROUTER_API_KEY": DemoServer.management_key}, "Key", State.FAILED, "management key"),
        ({"ORCHAT_LOW_CREDITS": "1000"}, "Key", State.WARNING, "$"),
        ({"OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}, "Models", State.FAILED, "cannot be reached"),
        ({"OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}, "ZDR", State.FAILED, "cannot be reached"),
        ({"ORCHAT_DEFAULT_MODEL": "no/such"}, "Models", State.WARNING, "no/such is not among them"),
        ({"ORCHAT_DATABASE_URL": "postgresql://127.0.0.1:9/x"}, "Database", State.FAILED, ""),
        ({"ORCHAT_DATA_DIR": "/dev/null/x"}, "Disk", State.FAILED, "cannot be written"),
        ({"ORCHAT_LOGIN": "oidc"}, "Login", State.WARNING, "whom the provider lets in"),
        ({"ORCHAT_LOGIN": "oidc", "ORCHAT_ALLOWED": "@example.com"}, "Login", State.FINE, "oidc"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.test:4318"}, "Traces", State.FINE, "collector.test"),
        ({"ORCHAT_BIND": "0.0.0.0"}, "Login", State.FAILED, "0.0.0.0"),
        ({"ORCHAT_BIND": "0.0.0.0", "ORCHAT_OPEN": "true"}, "Login", State.WARNING, "open to all"),
    ],
)
def test_what_is_wrong_is_found_with_what_to_do(
    find: Examine, settings: dict[str, str], subject: str, state: State, said: str
):
    finding = find(**settings)[subject]
    assert finding.state is state
    assert said in finding.said
    assert finding.advice or state is State.FINE


def test_a_disk_that_is_almost_full_is_found(find: Examine, monkeypatch: pytest.MonkeyPatch):
    usage = shutil.disk_usage("/")._replace(free=400_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    finding = find()["Disk"]
    assert (finding.state, finding.said[:16]) == (State.WARNING, "0.4 GB are free ")
    assert finding.advice


def test_a_folder_that_may_not_be_written_is_found(find: Examine, monkeypatch: pytest.MonkeyPatch):
    # Whoever runs this as root may write everywhere.
    def refused(**_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    finding = find()["Disk"]
    assert (finding.state, "Permission denied" in finding.said) == (State.FAILED, True)
    assert "ORCHAT_DATA_DIR" in finding.advice


def test_traces_that_are_wanted_without_what_sends_them_are_found(find: Examine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.doctor.checks.find_spec", lambda _name: None)
    finding = find(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.test:4318")["Traces"]
    assert (finding.state, "not installed" in finding.said) == (State.FAILED, True)
    file = finding.advice.removeprefix("pip install -r ")
    assert "opentelemetry" in (ROOT / file).read_text()


@pytest.mark.parametrize("backend", ["bwrap", "landlock"])
def test_the_sandbox_is_attacked_and_what_came_of_it_told(find: Examine, backend: str):
    finding = find(ORCHAT_SANDBOX=backend, ORCHAT_SANDBOX_PACKAGES="false")["Sandbox"]
    if finding.state is State.FINE:
        assert finding.said == f"{backend} withstands its 18 self-tests"
    else:
        assert finding.state is State.FAILED
        assert finding.said.startswith(f"code cannot be run: {backend}: ")


def test_what_code_may_reach_is_told_or_why_it_reaches_nothing(find: Examine):
    hosts = {"ORCHAT_SANDBOX_HOSTS": "data.example.org", "ORCHAT_SANDBOX_PACKAGES": "false"}
    isolated = find(ORCHAT_SANDBOX="bwrap", **hosts)["Sandbox"]
    assert "data.example.org" in isolated.said or isolated.said.startswith("code cannot be run: bwrap: ")
    confined = find(ORCHAT_SANDBOX="landlock", **hosts)["Sandbox"]
    assert confined.state is not State.FINE
    assert "cannot hold code to the hosts" in confined.said or "code cannot be run" in confined.said
    assert confined.advice


@pytest.mark.parametrize(
    "settings, state, said",
    [
        ({"ORCHAT_SANDBOX": "unsafe"}, State.WARNING, "not isolated"),
        ({"ORCHAT_SANDBOX": "docker", "PATH": "/nowhere"}, State.FAILED, "docker is not installed"),
        ({"ORCHAT_SANDBOX": "gateway"}, State.FAILED, "names no server"),
    ],
)
def test_where_no_sandbox_isolates_it_says_why_and_what_to_do(
    find: Examine, settings: dict[str, str], state: State, said: str
):
    finding = find(**settings)["Sandbox"]
    assert finding.state is state
    assert said in finding.said
    assert finding.advice


def test_no_secret_is_told(find: Examine):
    secrets = {"OPENROUTER_API_KEY": "sk-or-v1-invalid-secret", "ORCHAT_SECRET": "do-not-tell" * 4}
    password = "postgresql://orchat:pass-word@127.0.0.1:9/x"
    text = report(list(find(**secrets, ORCHAT_DATABASE_URL=password).values()))
    assert "invalid-secret" not in text
    assert "do-not-tell" not in text
    assert "pass-word" not in text


@pytest.mark.parametrize("key, status", [("sk-or-v1-fine", 0), ("sk-or-v1-invalid", 1)])
def test_the_command_reports_and_its_status_says_whether_something_failed(
    find: Examine, key: str, status: int, tmp_path: Path
):
    environment = {**os.environ, "OPENROUTER_API_KEY": key, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - of the child
    command = [sys.executable, "-m", "orchat", "doctor"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, "")
    assert ("✗ Key" in done.stdout) == bool(status)
    assert "✓ Database" in done.stdout


def test_rules_that_forbid_what_other_settings_name_are_found(find: Examine):
    found = find(ORCHAT_ALLOWED_MODELS="anthropic/*", ORCHAT_RERANKER="cohere/rerank-v3.5")["Rules"]
    assert (found.state, "cohere/rerank-v3.5" in found.said) == (State.WARNING, True)
    assert "openrouter/auto" not in found.said
    assert find(ORCHAT_RERANKER="")["Rules"].state is State.FINE


def test_a_key_that_can_make_no_keys_is_found(find: Examine, demo: DemoServer):
    each = {"ORCHAT_KEYS": "each", "ORCHAT_SECRET": "s" * 32}
    wrong = find(**each, OPENROUTER_MANAGEMENT_KEY="sk-or-v1-ordinary")["People's keys"]
    assert wrong.state is State.FAILED
    assert "sk-or" not in f"{wrong.said} {wrong.advice}"
    assert find(OPENROUTER_MANAGEMENT_KEY=demo.management_key)["People's keys"].state is State.FINE
