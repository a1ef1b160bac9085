"""The container: where its images come from, who it runs as, what it opens."""

import re

import pytest
import yaml

from tests.house.tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)


def images() -> list[str]:
    """Every image from outside, with the defaults of the build arguments filled in."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))
    sources = [re.sub(r"\$\{(\w+)\}", lambda name: arguments[name[1]], source) for source, _ in STAGES]
    copied = re.findall(r"^COPY --from=(\S+)", DOCKERFILE, re.MULTILINE)
    return [source for source in sources + copied if source not in {stage for _, stage in STAGES}]


def test_the_stages_are_base_builder_and_production():
    assert [stage for _, stage in STAGES] == ["base", "builder", "production"]


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
    assert len(installs) == 2
    for install, lock in zip(installs, ("requirements.lock", "code.lock"), strict=True):
        assert f"--require-hashes --requirement {lock}" in install
    assert "COPY orchat/sandbox/requirements.lock code.lock\n" in DOCKERFILE


@pytest.mark.parametrize("promise", ["EXPOSE 8501", "VOLUME /data", "ORCHAT_DATA_DIR=/data", "/_stcore/health"])
def test_the_dockerfile_declares(promise: str):
    assert promise in DOCKERFILE


def test_compose_builds_the_last_stage_and_opens_it_to_this_machine_only():
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["api"]
    assert service["build"] == {"context": ".", "target": STAGES[-1][1]}
    assert service["ports"] == ["${ORCHAT_BIND:-127.0.0.1}:${ORCHAT_PORT:-8501}:8501"]
    assert service["environment"]["OPENROUTER_API_KEY"] == "${OPENROUTER_API_KEY:-}"
    assert service["volumes"] == ["data:/data"]


def test_secrets_never_reach_the_builder():
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert rules.index("**/.env") > max(index for index, rule in enumerate(rules) if rule.startswith("!"))
    assert rules.index(".streamlit/secrets.toml") > rules.index("!.streamlit/config.toml")
