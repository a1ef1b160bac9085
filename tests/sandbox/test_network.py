"""What code may reach when an operator named hosts: these and nothing else, and packages for the session alone."""

import base64
import ensurepip
import hashlib
import http.server
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from orchat.errors import SettingsError
from orchat.sandbox import Pool, Sandbox, available, choice, engine_for
from orchat.sandbox.choice import finding_of
from orchat.sandbox.report import Finding
from orchat.settings import Settings
from tests.sandbox.battery import LIMITS

SMALL = "orchat-test-package"


def wheel(version: str) -> bytes:
    """A package that is nothing but a number."""
    name = SMALL.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"answer = 42\nversion = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {SMALL}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: orchat\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    records = []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            records.append(f"{path},sha256={digest},{len(text)}")
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*records, f"{info}/RECORD,,", ""]))
    return out.getvalue()


class Site(http.server.BaseHTTPRequestHandler):
    """A host of one's own network: an index of packages, and one page."""

    pages: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        self._answer(self.pages.get(self.path))

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["content-length"])).upper())

    def _answer(self, body: bytes | None) -> None:
        self.send_response(200 if body is not None else 404)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of a host that is allowed."""
    folders = [*(Path(folder, "_bundled") for folder in ensurepip.__path__), Path("/usr/share/python-wheels")]
    bundled = [path for folder in folders for path in folder.glob("pip-*.whl")]
    name = SMALL.replace("-", "_")
    Site.pages = {
        "/hello": b"hello",
        f"/simple/{SMALL}/": "".join(
            f'<a href="/files/{name}-{version}-py3-none-any.whl">x</a>' for version in ("1.0", "2.0")
        ).encode()
        + f'<a href="/files/{name}-3.0.tar.gz">x</a>'.encode(),
        **{f"/files/{name}-{version}-py3-none-any.whl": wheel(version) for version in ("1.0", "2.0")},
        "/simple/pip/": "".join(f'<a href="../../files/{path.name}#sha256=0">x</a>' for path in bundled).encode(),
        **{f"/files/{path.name}": path.read_bytes() for path in bundled},
    }
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def allowing(settings: Settings, site: int) -> Settings:
    told = {"sandbox_internal_hosts": (f"127.0.0.1:{site}",), "sandbox_index": f"http://127.0.0.1:{site}/simple"}
    return settings.model_copy(update=told)


@pytest.fixture(scope="module")
def box(allowing: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    finding = finding_of("bwrap", allowing)
    if not finding.holds:
        pytest.skip(f"bwrap: {finding.reason}")
    with Sandbox.open(tmp_path_factory.mktemp("w") / "w", LIMITS, engine=engine_for("bwrap", allowing)) as box:
        yield box


def said(box: Sandbox, code: str) -> str:
    result = box.run(code, timeout=60)
    assert result.error is None, (result.error, result.stderr)
    return result.stdout.strip()


def test_code_reads_and_posts_where_it_may(box: Sandbox, site: int):
    assert (
        said(box, f"import urllib.request as u\nprint(u.urlopen('http://127.0.0.1:{site}/hello').read().decode())")
        == "hello"
    )
    assert said(box, f"print(u.urlopen('http://127.0.0.1:{site}/', data=b'shout').read().decode())") == "SHOUT"


def test_programs_that_code_starts_find_the_way_too(box: Sandbox, site: int):
    code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{site}/hello').read().decode())"
    assert (
        said(
            box, f"import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', {code!r}], text=True))"
        )
        == "hello"
    )


def test_a_tunnel_to_an_allowed_host_works(box: Sandbox, site: int):
    code = f"""
import http.client
line = http.client.HTTPConnection("127.0.0.1", 3128)
line.set_tunnel("127.0.0.1", {site})
line.request("GET", "/hello")
print(line.getresponse().read().decode())
"""
    assert said(box, code) == "hello"


def test_another_port_of_the_same_machine_is_refused_with_a_reason(box: Sandbox):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        port = other.getsockname()[1]
        result = box.run(f"import urllib.request as u\nu.urlopen('http://127.0.0.1:{port}/')")
        assert result.error is not None
        assert "not among those that the operator allows" in result.error.value
        direct = f"import socket\ntry: socket.create_connection(('127.0.0.1', {port}))"
        assert said(box, f"{direct}\nexcept OSError: print('refused')") == "refused"
        with pytest.raises(TimeoutError):
            other.accept()


def test_many_connections_do_not_wear_out_the_session(box: Sandbox, site: int):
    code = f"""
import concurrent.futures as f, urllib.request as u
with f.ThreadPoolExecutor(20) as pool:
    print(sum(len(pool.submit(lambda: u.urlopen('http://127.0.0.1:{site}/hello').read()).result()) for _ in range(60)))
"""
    assert said(box, code) == "300"


def test_connections_that_are_left_open_wait_and_hurt_nobody(box: Sandbox, site: int):
    code = """
import socket
held = []
try:
    for _ in range(200):
        one = socket.create_connection(("127.0.0.1", 3128), 0.3)
        held.append(one)
except OSError as error:
    print(type(error).__name__)
for one in held: one.close()
"""
    assert said(box, code) in {"TimeoutError", ""}
    test_code_reads_and_posts_where_it_may(box, site)


def test_a_package_is_installed_into_the_session(box: Sandbox):
    assert "Successfully installed" in said(
        box, f"%pip install --quiet --quiet {SMALL}==1.0\nprint('Successfully installed')"
    )
    code = "import orchat_test_package as p\nprint(p.answer, p.version, p.__file__)"
    assert said(box, code).startswith("42 1.0 /tmp/packages/")
    assert box.files.names() == []


def test_pip_works_as_a_program_too(box: Sandbox):
    said(box, f"!pip install -q {SMALL}")
    assert SMALL in said(
        box, "import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-m', 'pip', 'list'], text=True))"
    )


def test_only_wheels_are_installed(box: Sandbox):
    result = box.run(f"%pip install {SMALL}==3.0", timeout=60)
    assert result.error is not None
    assert "failed" in result.error.value
    assert "No matching distribution" in result.stderr


def test_packages_go_with_the_interpreter(box: Sandbox):
    said(box, f"%pip install -q {SMALL}")
    box.reset()
    result = box.run("import orchat_test_package")
    assert result.error is not None
    assert result.error.name == "ModuleNotFoundError"


def test_without_an_index_a_line_of_pip_is_refused_with_a_sentence(allowing: Settings, tmp_path: Path, box: Sandbox):
    engine = engine_for("bwrap", allowing.model_copy(update={"sandbox_index": ""}))
    with Sandbox.open(tmp_path / "w", LIMITS, engine=engine) as other:
        result = other.run(f"%pip install {SMALL}")
    assert result.error is not None
    assert "not Python" in result.error.value


def test_a_warm_interpreter_has_the_network_as_well(allowing: Settings, tmp_path: Path, site: int, box: Sandbox):
    pool = Pool(lambda: engine_for("bwrap", allowing), warm=1)
    try:
        session = pool.session("a", "chat", tmp_path / "w")
        test_code_reads_and_posts_where_it_may(session, site)
    finally:
        pool.shut_down()


def test_a_proxy_ends_with_its_interpreter(allowing: Settings, tmp_path: Path, box: Sandbox):
    """The descriptors that a session had are closed again."""

    def listeners() -> int:
        return sum("socket" in str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink())

    before = listeners()
    for turn in range(3):
        with Sandbox.open(tmp_path / f"w{turn}", LIMITS, engine=engine_for("bwrap", allowing)) as session:
            session.run("1")
    for _ in range(200):
        if listeners() <= before:
            break
        threading.Event().wait(0.05)
    assert listeners() <= before


@pytest.mark.parametrize("backend", ["landlock", "unsafe", "docker", "gateway"])
def test_a_backend_without_a_network_of_its_own_leaves_hosts_out_and_says_so(
    allowing: Settings, backend: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(choice._findings, (backend, allowing.data_dir), Finding(backend))
    report = available(
        Settings(ORCHAT_SANDBOX=backend).model_copy(
            update={name: getattr(allowing, name) for name in ("data_dir", "sandbox_internal_hosts", "sandbox_index")}
        )
    )
    assert report.chosen == backend
    assert report.reach == ""
    assert f"{backend} cannot hold code to the hosts" in report.without_reach


def test_as_shipped_nothing_is_allowed():
    shipped = Settings()
    assert (shipped.sandbox_hosts, shipped.sandbox_internal_hosts, shipped.sandbox_index) == ((), (), "")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ORCHAT_SANDBOX_HOSTS", "example.org,https://x", "is no host"),
        ("ORCHAT_SANDBOX_INTERNAL_HOSTS", "a b", "is no host"),
        ("ORCHAT_SANDBOX_INDEX", "pypi.org", "has to be an address"),
        ("ORCHAT_SANDBOX_INDEX", "https://user:word@pypi.example/simple", "may hold no password"),
    ],
)
def test_what_cannot_be_allowed_is_told_at_the_start(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Settings.load()
    assert words in error.value.message
    assert "word@" not in error.value.message
