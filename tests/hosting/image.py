"""The container image, really built by Debian's buildah, and really run.

No registry is asked: a base made with debootstrap stands under the name of the one that the Dockerfile begins with. The
file system of the built image is run read-only by bubblewrap, as the user that the image names.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from orchat.demo import DemoServer
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.docker import grace

NEEDED = ("buildah", "debootstrap", "bwrap", "setpriv")
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
UID = 10001
BASE = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
ENVIRONMENTS = ("opt/orchat", "opt/code")
"""Those of orchat and of the code that a model writes: two on purpose, since that code never sees orchat's."""


def missing() -> list[str]:
    """What has to be installed before an image can be built here."""
    return [name for name in NEEDED if shutil.which(name) is None] + ([] if os.geteuid() == 0 else ["root"])


def packages(root: Path, environment: str) -> list[str]:
    """The name of every package in an environment and beside both, once for each place where it is."""
    found = [path for kind in ("dist-info", "egg-info") for path in root.rglob(f"*-packages/*.{kind}")]
    others = [root / other for other in ENVIRONMENTS if other != environment]
    here = [path for path in found if not any(path.is_relative_to(other) for other in others)]
    return [re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower() for path in here]


class Builder:
    """buildah, with storage of its own that is removed in the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._storage = [f"--root={folder}/storage", f"--runroot={folder}/run"]

    def run(self, *arguments: str | Path, cwd: Path = ROOT) -> str:
        environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}  # noqa: TID251 - what the child inherits
        done = subprocess.run(
            ["buildah", *self._storage, *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"buildah {arguments}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout.strip()

    def base(self) -> None:
        """Put Debian with Python under the name of the base image."""
        assert BASE is not None
        given = os.environ.get("ORCHAT_TEST_ROOTFS")  # noqa: TID251 - a setting of the tests, not of orchat
        root = Path(given) if given else self._folder / "rootfs"
        if not given:
            command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for left in (*root.glob("var/cache/apt/archives/*.deb"), *root.glob("var/lib/apt/lists/*_*")):
                left.unlink()
        container = self.run("from", "scratch")
        self.run("copy", "--quiet", container, root, "/")
        self.run("commit", "--quiet", "--rm", container, BASE[1])

    def build(self, target: str, context: Path = ROOT) -> str:
        """Build a target and return the image's name. pip is told what this machine tells it."""
        # Layers are kept, so that the second target finds what the first has made.
        options = ["--pull-never", "--format=docker", "--layers", f"--target={target}", f"--tag=orchat:{target}"]
        mounts = [path for path in ("/etc/ssl/certs", "/etc/pip.conf", "/opt/wheels") if Path(path).exists()]
        self.run("bud", *options, *(f"--volume={path}:{path}:ro" for path in mounts), context)
        return f"localhost/orchat:{target}"

    def mount(self, image: str) -> Path:
        """The root of the image's file system."""
        return Path(self.run("mount", self.run("from", "--pull-never", image)))

    def config(self, image: str) -> dict[str, Any]:
        """What the image says about itself."""
        config: dict[str, Any] = self._inspect(image)["Docker"]["config"]
        return config

    def layers(self, image: str) -> dict[str, int]:
        """The bytes of every layer, uncompressed, by what has made it: a command, or the folder that was copied."""
        told = self._inspect(image)
        made = [step.get("created_by", "") for step in told["Docker"]["history"] if not step.get("empty_layer")]
        names = [match[1] if (match := re.search(r" in (/\S+)\s*$", by)) else by for by in made]
        return dict(zip(names, [layer["size"] for layer in json.loads(told["Manifest"])["layers"]], strict=True))

    def _inspect(self, image: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("inspect", "--type=image", image))
        return told

    def remove(self) -> None:
        self.run("umount", "--all")
        self.run("rm", "--all")
        self.run("rmi", "--all", "--force")


class ImageProcess(AppProcess):
    """The image's command in the image's file system, read-only but for its volume and /tmp."""

    def __init__(self, root: Path, config: dict[str, Any], demo: DemoServer, folder: Path, **settings: str) -> None:
        super().__init__(demo, folder, **settings)
        self.healthy_after = 0.0
        """Seconds from its start until it answered."""
        self._root = root
        self._config = config
        (folder / "data").mkdir(parents=True, exist_ok=True)
        os.chown(folder / "data", UID, UID)

    def inside(self, *command: str) -> list[str]:
        """A command, run in the image as its user."""
        environment = dict(variable.split("=", 1) for variable in self._config["Env"])
        environment |= {name: str(value) for name, value in self._settings.items()} | {"ORCHAT_DATA_DIR": "/data"}
        return [
            *(
                "bwrap",
                "--ro-bind",
                str(self._root),
                "/",
                "--dev",
                "/dev",
                "--proc",
                "/proc",
                "--perms",
                "1777",
                "--tmpfs",
                "/tmp",
            ),
            *("--bind", str(self.folder / "data"), "/data", "--chdir", self._config["WorkingDir"], "--clearenv"),
            *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"),
            *(part for name, value in environment.items() for part in ("--setenv", name, value)),
            *("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"),
            *command,
        ]

    def start(self) -> Self:
        began = time.monotonic()
        super().start()
        self.healthy_after = time.monotonic() - began
        return self

    def command(self) -> list[str]:
        started = [part.replace("8501", str(self.port)) for part in self._config["Cmd"]]
        return self.inside(*started)

    def signal(self, number: int) -> None:
        """Signal the app itself, as the engine signals the first process of a container."""
        if self._process is not None and self._process.poll() is None:
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            for child in children or [self._process.pid]:
                os.kill(int(child), number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        super().kill()

    def stop(self) -> None:
        self.signal(signal.SIGTERM)
        self.wait()

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(grace())
