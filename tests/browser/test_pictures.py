"""The pictures of the documentation are taken from the app as it is."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT
from tests.sandbox.packages import packages  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


@pytest.mark.long
def test_the_script_takes_every_picture_that_a_page_shows(browser: Any, packages: Any, tmp_path: Path):  # noqa: F811
    taken = subprocess.run(
        # `env` adds to the environment without our reading it.
        ["env", f"ORCHAT_SANDBOX_ENVIRONMENT={packages.folder}", sys.executable, "scripts/screenshots.py", tmp_path],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert taken.returncode == 0, taken.stderr
    shown = {name for page in PAGES for name in re.findall(r"images/([\w-]+\.png)", page.read_text("utf-8"))}
    assert shown == {picture.name for picture in tmp_path.iterdir()}
