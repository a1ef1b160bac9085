"""The image: what is in it, what is not, and that it runs read-only; `test_compose_up` has Docker run it."""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.page_client import Tab
from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.hosting.image import ENVIRONMENTS, Builder, ImageProcess, missing, packages
from tests.house.test_licences import rest_of_the_image

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(missing()), reason=f"an image can be built with {', '.join(missing())} only"),
]
BUILD_TOOLS = ("pip", "pip3", "uv", "gcc", "cc", "g++", "make", "cmake", "ninja", "git", "cargo", "npm")
BUILD_PACKAGES = {"pip", "setuptools", "wheel", "uv", "build", "cython", "meson", "ninja", "cmake", "pybind11"}


@pytest.fixture(scope="module", params=["core", "full"])
def image(request: pytest.FixtureRequest, builder: Builder) -> str:
    return builder.build(request.param)


@pytest.fixture(scope="module")
def root(builder: Builder, image: str) -> Path:
    return builder.mount(image)


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as demo:
        yield demo


@pytest.fixture
def app(builder: Builder, image: str, root: Path, demo: DemoServer) -> Iterator[ImageProcess]:
    folder = Path(tempfile.mkdtemp(prefix="orchat-image-data-"))
    folder.chmod(0o755)
    with ImageProcess(root, builder.config(image), demo, folder, ORCHAT_BIND="127.0.0.1") as app:
        yield app
    shutil.rmtree(folder)


def test_nothing_that_builds_is_left(root: Path, environment: str):
    folders = [root / folder for folder in ("bin", "usr/bin", "usr/local/bin", f"{environment}/bin")]
    assert [tool for tool in BUILD_TOOLS for folder in folders if (folder / tool).exists()] == []
    assert BUILD_PACKAGES & set(packages(root, environment)) == set()
    libraries = [path for kind in ("a", "h", "c", "pyx") for path in (root / environment).rglob(f"*.{kind}")]
    assert list(root.rglob("*.whl")) + libraries == []
    assert not (root / "build").exists()


def test_no_cache_and_no_test_is_left(root: Path, environment: str):
    assert list((root / "root").glob(".cache")) + list((root / "data").iterdir()) + list((root / "tmp").iterdir()) == []
    assert list(root.glob("var/lib/apt/lists/*_*")) + list(root.glob("var/cache/apt/archives/*.deb")) == []
    tests = {".cache", "tests", "test", "_tests", "testdata", "benchmarks", "conftest.py"}
    left = [path for name in tests for path in (root / environment).rglob(name)]
    assert [path for path in left if not path.match("numpy/_core/tests")] == []
    assert list((root / environment).rglob("testing/suite")) == []
    assert list((root / "app").rglob("test*")) + list((root / "app").glob("*.lock")) == []


def test_every_package_is_there_once(root: Path, environment: str):
    names = packages(root, environment)
    assert {name: count for name, count in Counter(names).items() if count > 1} == {}
    assert {"opt/orchat": "streamlit", "opt/code": "pandas"}[environment] in names
    # Packages put what they bring for notebooks there once more.
    assert not (root / environment / "share/jupyter").exists()


def test_what_it_is_built_from_holds_no_secret(root: Path):
    names = {path.name for path in (root / "app").rglob("*")} | {path.name for path in (root / "app").iterdir()}
    assert {".env", "secrets.toml", ".git"} & names == set()


def test_it_says_what_of_it_is_in_no_lock(app: ImageProcess):
    done = subprocess.run(app.inside("sh", "-ec", rest_of_the_image()), capture_output=True, text=True, check=True)
    assert re.search(r"^libc6\S*\t\d\S+$", done.stdout, re.MULTILINE)
    assert re.search(r"^Python 3\.", done.stdout, re.MULTILINE)


def test_the_environment_for_code_is_whole_and_its_own(app: ImageProcess, root: Path):
    script = "import altair, matplotlib.pyplot, numpy, openpyxl, pandas, PIL, plotly, scipy.stats; print('whole')"
    done = subprocess.run(app.inside("/opt/code/bin/python", "-I", "-c", script), capture_output=True, check=False)
    assert done.stdout == b"whole\n", done.stderr
    assert {"streamlit", "openai"} & set(packages(root, "opt/code")) == set()
    assert list((root / "opt/code/orchat-fonts").glob("fontlist-*.json"))


def test_code_that_a_model_wrote_is_isolated_in_it(app: ImageProcess):
    done = subprocess.run(app.inside("python", "-m", "orchat.sandbox", "doctor"), capture_output=True, check=False)
    assert b"holds, is used" in done.stdout, done.stdout + done.stderr
    assert b"environment for code: /opt/code" in done.stdout


def test_all_bytecode_is_there_since_none_can_be_written_later(root: Path):
    app = root / "app" / "orchat"
    sources = list(app.rglob("*.py"))
    assert [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))] == []


MOST_MEGABYTES = {"core": {"/opt/orchat": 790}, "full": {"/opt/orchat": 930}}
"""Of the packages; what else there is beyond the base is the same in both."""
OF_BOTH = {"/opt/code": 400, "/app": 10}


def test_its_layers_beyond_the_base_stay_in_bounds(builder: Builder, image: str):
    target, layers = image.partition(":")[2], builder.layers(image)
    for made, size in layers.items():
        print(f"{target}: {size / 1_000_000:6.1f} MB  {made[:60]}")  # noqa: T201 - shown by -s and -rP
    [user, *copied] = list(layers)[-4:]
    assert "useradd" in user
    assert layers[user] <= 1_000_000
    most = OF_BOTH | MOST_MEGABYTES[target]
    assert set(copied) == most.keys()
    assert {made: layers[made] for made in copied if layers[made] > most[made] * 1_000_000} == {}


def test_it_says_who_it_runs_as_what_it_opens_and_how_it_is(builder: Builder, image: str):
    config = builder.config(image)
    assert config["User"] == "orchat"
    assert list(config["ExposedPorts"]) == ["8501/tcp"]
    assert list(config["Volumes"]) == ["/data"]
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_a_chat_goes_through_on_a_read_only_file_system(app: ImageProcess, image: str):
    print(f"{image}: answers {app.healthy_after:.1f} s after its start")  # noqa: T201 - shown by -s and -rP
    with Tab(app.port) as tab:
        tab.rerun()
        tab.say("Hello from the container")
    assert_answered(app, "Hello from the container")


def assert_answered(app: AppProcess, said: str) -> None:
    with app.store as store:
        [chat] = store.conversations(OWNER)
        question, answer = store.branch(OWNER, chat.id)
    assert question.text == said
    assert answer.state == "done"
    assert answer.text


def test_the_health_check_of_the_image_agrees(app: ImageProcess):
    check = [part.replace("8501", str(app.port)) for part in app._config["Healthcheck"]["Test"][1:]]
    assert subprocess.run(app.inside(*check), check=False).returncode == 0
    app.kill()
    assert subprocess.run(app.inside(*check), check=False, capture_output=True).returncode != 0


def test_nothing_can_be_written_but_the_volume_and_tmp(app: ImageProcess):
    script = """
import os, tempfile
for folder in ("/app", "/opt/orchat", "/", "/usr", "/root", "/etc"):
    try:
        open(os.path.join(folder, "x"), "w")
    except OSError:
        continue
    raise SystemExit(folder)
open("/data/x", "w"); tempfile.TemporaryFile()
assert os.getuid() == 10001
"""
    assert subprocess.run(app.inside("python", "-c", script), check=False).returncode == 0


def test_sigterm_keeps_what_was_being_written(app: ImageProcess):
    with app.store as store:
        chat = store.create_conversation(OWNER, settings={"model": "demo/long", "auto": False}).id
        with Tab(app.port, query=f"chat={chat}") as tab:
            tab.rerun()
            tab.send("Go on for long")
            deadline = time.monotonic() + 60
            while not (branch := store.branch(OWNER, chat))[1:] or len(branch[-1].text) < 400:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            app.signal(signal.SIGTERM)
            app.wait()
        answer = store.branch(OWNER, chat)[-1]
    assert answer.state == "stopped"
    assert len(answer.text) >= 400
