"""Packages of the session: `%pip install` from the operator's index, into a folder that goes with the session."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request
from typing import Any

WHEEL = re.compile(r'href="([^"]*?(pip-(\d+(?:\.\d+)*)-py3-none-any\.whl))(?:#[^"]*)?"')
WITHIN = 60


class Packages:
    """Where they are, and how they get there."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Let Python look for packages in a folder that is still empty, behind all others."""
        self._index = told["index"]
        folder = told["folder"]
        self._tool = os.path.join(folder, "pip.whl")
        base = {"base": folder, "platbase": folder}
        found = sysconfig.get_paths(sysconfig.get_preferred_scheme("prefix"), base)
        self._paths = list(dict.fromkeys((found["purelib"], found["platlib"])))
        for path in self._paths:
            # A folder that is not there at the first look is never looked at again.
            os.makedirs(path)
        sys.path += self._paths
        os.environ.update(
            PIP_INDEX_URL=self._index,
            PIP_PREFIX=folder,
            PIP_ONLY_BINARY=":all:",
            PIP_NO_CACHE_DIR="1",
            PIP_NO_INPUT="1",
            PIP_NO_WARN_SCRIPT_LOCATION="1",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PIP_ROOT_USER_ACTION="ignore",
            PYTHONPATH=os.pathsep.join((*self._paths, self._tool)),
        )
        address = urllib.parse.urlsplit(self._index)
        if address.scheme == "http":
            os.environ["PIP_TRUSTED_HOST"] = address.netloc

    def pip(self, line: str) -> None:
        """Run pip with a line of arguments.

        Raises:
            RuntimeError: it failed; it has said why.
        """
        if importlib.util.find_spec("pip") is None and not os.path.exists(self._tool):
            self._fetch()
        status = subprocess.call([sys.executable, "-m", "pip", *shlex.split(line)])  # noqa: S603 - the cell's own wish
        importlib.invalidate_caches()
        if status:
            raise RuntimeError(f"pip {line} failed (exit status {status}); what it printed says why")

    def _fetch(self) -> None:
        """Get pip itself, which the environment does not have: a wheel of it runs as it is."""
        page = f"{self._index.rstrip('/')}/pip/"
        with urllib.request.urlopen(page, timeout=WITHIN) as answer:
            found = WHEEL.findall(answer.read().decode("utf-8", "replace"))
            here = answer.url
        if not found:
            raise RuntimeError(f"there is no pip on {self._index}")
        newest = max(found, key=lambda each: tuple(map(int, each[2].split("."))))
        with urllib.request.urlopen(urllib.parse.urljoin(here, newest[0]), timeout=WITHIN) as answer:
            data = answer.read()
        with open(self._tool, "wb") as file:
            file.write(data)
