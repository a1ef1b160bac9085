"""The container: where its images come from, who it runs as, what it opens."""

import re
from typing import Any

import pytest
import yaml

from tests.house.test_locks import pinned
from tests.house.tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)


def images() -> list[str]:
    """Every image from outside, with the defaults of the build arguments filled in."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))
    sources = [re.sub(r"\$\{(\w+)\}", lambda name: arguments[name[1]], source) for source, _ in STAGES]
    copied = re.findall(r"^COPY --from=(\S+)", DOCKERFILE, re.MULTILINE)
    return [source for source in sources + copied if source not in {stage for _, stage in STAGES}]


def test_the_stages_lead_from_a_base_through_a_builder_to_what_runs():
    assert [stage for _, stage in STAGES] == ["base", "builder", "full-builder", "production", "full", "core"]
    assert {stage: source for source, stage in STAGES}["production"] == "base"


def test_no_image_comes_from_docker_hub():
    assert images()
    for image in images():
        host, separator, _ = image.partition("/")
        assert separator, f"{image} names no registry, which means Docker Hub"
        assert "." in host, f"{image} names no registry, which means Docker Hub"
        assert not host.endswith("docker.io")


def test_the_dockerfile_needs_no_frontend_from_docker_hub():
    assert not re.search(r"^#\s*syntax\s*=", DOCKERFILE, re.MULTILINE)


def test_it_runs_as_a_person_without_rights():
    production = DOCKERFILE[DOCKERFILE.index("AS production") :]
    user = re.findall(r"^USER (\S+)$", production, re.MULTILINE)[-1]
    assert user not in {"root", "0"}


def test_packages_are_installed_by_hash_from_the_lock():
    instructions = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    installs = re.findall(r"pip [^&\n]*\binstall\b[^&\n]*", instructions)
    locks = [re.search(r"--require-hashes --requirement /build/(\S+)", install) for install in installs]
    names = ["requirements-container.lock", "requirements.lock", "requirements-full.lock"]
    assert [lock and lock[1] for lock in locks] == names
    assert "orchat/sandbox/requirements.lock deploy/trim.sh /build/" in DOCKERFILE


@pytest.mark.parametrize("lock", ["requirements-container.lock", "requirements-full.lock"])
def test_the_hosting_page_names_every_package_that_both_environments_have(lock: str):
    told = re.search(r"These are in both[^:]*: ([^.]*)\.", (ROOT / "docs/hosting.md").read_text())
    assert told
    assert (
        set(re.findall(r"`([^`]+)`", told[1]))
        == pinned(lock).keys() & pinned("orchat/sandbox/requirements.lock").keys()
    )


@pytest.mark.parametrize("promise", ["EXPOSE 8501", "VOLUME /data", "ORCHAT_DATA_DIR=/data", "/_stcore/health"])
def test_the_dockerfile_declares(promise: str):
    assert promise in DOCKERFILE


def compose(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return loaded


def test_compose_builds_the_last_stage_and_opens_it_to_this_machine_only():
    service = compose("compose.yaml")["services"]["api"]
    assert service["build"] == {"context": ".", "target": f"${{ORCHAT_TARGET:-{STAGES[-1][1]}}}"}
    assert service["ports"] == ["${ORCHAT_BIND:-127.0.0.1}:${ORCHAT_PORT:-8501}:8501"]
    assert service["environment"]["OPENROUTER_API_KEY"] == "${OPENROUTER_API_KEY:-}"
    assert service["volumes"] == ["data:/data"]


def replicas() -> list[dict[str, Any]]:
    services = compose("deploy/compose.team.yaml")["services"]
    return [service for name, service in services.items() if name.startswith("api")]


def test_a_team_has_two_replicas_on_postgresql_behind_a_proxy():
    services = compose("deploy/compose.team.yaml")["services"]
    assert len(replicas()) == 2
    assert all("postgresql://" in service["environment"]["ORCHAT_DATABASE_URL"] for service in replicas())
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in services["proxy"]["volumes"]


@pytest.mark.parametrize("service", [compose("compose.yaml")["services"]["api"], *replicas()])
def test_a_container_has_no_rights_that_it_does_not_need(service: dict[str, Any]):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]


def test_no_image_of_the_compose_files_comes_from_docker_hub():
    services = compose("deploy/compose.team.yaml")["services"].values()
    pulled = [service["image"] for service in services if "build" not in service]
    inline = [service["build"].get("dockerfile_inline", "") for service in services if "build" in service]
    pulled += re.findall(r"^FROM (\S+)$", "\n".join(inline), re.MULTILINE)
    assert len(pulled) == 2
    assert [image for image in pulled if not image.startswith("public.ecr.aws/")] == []


def test_a_team_can_search_documents():
    build = compose("deploy/compose.team.yaml")["services"]["postgres"]["build"]["dockerfile_inline"]
    [version] = re.findall(r"/postgres:(\d+)-", build)
    assert f"postgresql-{version}-pgvector" in build


def test_secrets_never_reach_the_builder():
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert rules.index("**/.env") > max(index for index, rule in enumerate(rules) if rule.startswith("!"))
    assert rules.index(".streamlit/secrets.toml") > rules.index("!.streamlit/config.toml")
