"""What orchat installs a company may run: nothing of it is AGPL. What it holds can be listed, and looked up."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

LOCKS = [*sorted(ROOT.glob("requirements*.lock")), ROOT / "orchat" / "sandbox" / "requirements.lock"]
LOCKED = {
    canonicalize_name(name) for lock in LOCKS for name in re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)
}
ELSEWHERE = {
    "colorama": "BSD-3-Clause",
    "contourpy": "BSD-3-Clause",
    "cycler": "BSD-3-Clause",
    "fonttools": "MIT",
    "httptools": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "kiwisolver": "BSD-3-Clause",
    "matplotlib": "PSF-2.0",
    "pywin32": "PSF-2.0",
    "scipy": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}
"""Of other systems and environments: read by hand, since the tests run without them."""
NAME = re.compile(r"^([\w.-]+)==", re.MULTILINE)
STRONG = re.compile(r"AGPL|Affero|(?<!L)GPL(?!.*exception)|SSPL|Business Source", re.IGNORECASE)


def licence(name: str) -> str | None:
    """What a package says of its licence; None where it is not installed."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return None
    classifiers = [line for line in said.get_all("Classifier") or () if line.startswith("License")]
    # Some put the whole text there: its first line names it.
    named = (said.get("License") or "").strip().partition("\n")[0]
    return " ".join(filter(None, [said.get("License-Expression"), named, *classifiers]))


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_it_is_free_for_a_company_to_run(name: str):
    found = licence(name)
    if found is None:
        assert name in ELSEWHERE, f"{name} is locked and not installed: read its licence, and name it above"
        found = ELSEWHERE[name]
    assert not re.search(r"GNU Lesser|LGPL", found) or name in {"psycopg", "psycopg-binary"}
    assert not STRONG.search(re.sub(r"LGPL[\w.-]*|GNU Lesser[^)]*\)?", "", found)), found


def rest_of_the_image() -> str:
    """What the security page has the image say of what is in it beside the locks."""
    [command] = re.findall(r"docker compose run --rm -T api sh -c '([^']+)'", (ROOT / "docs/security.md").read_text())
    return str(command)


@pytest.mark.long
def test_bills_of_materials_hold_what_the_locks_do(tmp_path: Path):
    command = ["sh", "scripts/sbom.sh"]
    environment = {**os.environ, "CYCLONEDX": str(Path(sys.executable).with_name("cyclonedx-py"))}  # noqa: TID251
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    bill = json.loads((ROOT / "build" / "sbom" / "requirements-full.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    names = NAME.findall((ROOT / "requirements-full.lock").read_text())
    assert {canonicalize_name(part["name"]) for part in bill["components"]} == {canonicalize_name(n) for n in names}


def test_the_security_page_names_the_bills_that_there_are_and_lists_the_rest_of_the_image():
    page = (ROOT / "docs" / "security.md").read_text()
    locks = re.search(r"^for lock in (.*); do$", (ROOT / "scripts" / "sbom.sh").read_text(), re.MULTILINE)
    assert locks
    [said] = re.findall(r"^`make sbom` .*?\n\n", page, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\S+)\.lock`", said)) == set(locks[1].split())
    if shutil.which("dpkg-query") is None:
        pytest.skip("this is no Debian")
    done = subprocess.run(["sh", "-ec", rest_of_the_image()], capture_output=True, text=True, check=True)
    assert re.search(r"^libc6\S*\t\d\S+$", done.stdout, re.MULTILINE)
    assert re.search(r"^Python 3\.", done.stdout, re.MULTILINE)


def test_an_audit_that_could_look_nothing_up_fails_and_says_so(tmp_path: Path):
    refuses = tmp_path / "pip-audit"
    refuses.write_text("#!/bin/sh\necho 'cannot reach pypi.org' >&2\nexit 1\n")
    refuses.chmod(0o755)
    environment = {**os.environ, "PIP_AUDIT": str(refuses)}  # noqa: TID251 - what the child inherits
    done = subprocess.run(
        ["sh", "scripts/audit.sh"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "nothing was looked up" in done.stderr
