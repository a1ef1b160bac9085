"""What has happened to others with uploads, tried on the running app, over a live session as browsers have it.

Each test names the incident; the comment says what went wrong there.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from orchat.demo import DemoServer
from orchat.store import File
from tests.browser.app_process import OWNER, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.uploading import UploadingTab, quoted

MB = 2**20
MOST = 25 * MB
DATA = b"what is in the file"
NAMES = {
    "up": "../../up5c1f.txt",
    "far up": "../" * 40 + "etc/cron.d/up5c1f",
    "up by strokes the other way": "..\\..\\up5c1f.txt",
    "a drive": "C:\\Windows\\up5c1f.txt",
    "a share": "\\\\evil.test\\share\\up5c1f.txt",
    "absolute": "/etc/cron.d/up5c1f",
    "a temporary file": "/tmp/up5c1f.txt",
    "the database": "../data/orchat.db",
    "encoded": "..%2f..%2fup5c1f.txt",
    "encoded twice": "..%252f..%252fup5c1f.txt",
    "strokes of Unicode": "..\u2215..\u2044..\uff0fup5c1f.txt",
    "dots of Unicode": "\u2024\u2024/\uff0e\uff0e/up5c1f.txt",
    "turned round": "up5c1f\u202etxt.exe",
    "invisible": "u\u200bp\ufeff\u2060.txt",
    "a NUL": "up5c1f.txt\0.png",
    "lines": "up5c1f\r\nX-Evil: 1\r\n\r\n.txt",
    "hidden": ".bashrc",
    "an option": "-rf",
    "a tool": "../../tools/evil-up5c1f.py",
    "only dots": "..",
    "a folder": "up5c1f/",
    "nothing": "",
    "very long": "u" * 5000 + ".txt",
    "very long in bytes": "\U0001f4a9" * 300,
    "no text": "\udcff\udcfe.txt",
    "HTML": "<img src=x onerror=alert(1)>.txt",
    "a variable": "${HOME}`id`$(id).txt",
}


@pytest.fixture(scope="module")
def app(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    settings = {"ORCHAT_DEFAULT_MODEL": "demo/fast", "ORCHAT_TITLE_MODEL": "none"}
    with AppProcess(demo, tmp_path_factory.mktemp("uploads"), entry=HOSTED, **settings) as app:
        yield app


@pytest.fixture
def tab(app: AppProcess) -> Iterator[UploadingTab]:
    with UploadingTab(app.port) as tab:
        tab.rerun()
        yield tab


def files_of(app: AppProcess) -> list[File]:
    with app.store as store:
        return [file for chat in store.conversations(OWNER) for file in store.files(OWNER, chat.id)]


def on_the_disk(app: AppProcess) -> set[Path]:
    """All that is there, but for what the database and the log are made of."""
    there = {path for path in app.folder.parent.rglob("*") if path.name != "app.log"}
    places = (Path("/tmp"), Path("/etc/cron.d"), Path.cwd(), Path.cwd().parent, app.folder.parent.parent)
    there |= {path for place in places if place.is_dir() for path in place.iterdir() if "up5c1f" in path.name}
    return {path for path in there if path.parent.name != "data" or not path.name.startswith("orchat.db")}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_cve_2026_24486_ghsa_w8wv_vfpc_hw2w_the_name_of_an_upload_is_a_label(
    app: AppProcess, tab: UploadingTab, name: str
):
    # python-multipart, NiceGUI: the name of an upload led out of the folder that it was written to.
    before, known = on_the_disk(app), len(files_of(app))
    place = tab.place("a.txt")
    arrived = tab.put(place.upload_url, quoted(name.encode("utf-8", "surrogateescape")), DATA).status_code == 204
    tab.send_file(place, "other-than-said.txt", len(DATA), "Look")
    assert on_the_disk(app) - before == set()
    with app.store as store:
        [newest, *_] = store.conversations(OWNER)
        kept = store.files(OWNER, newest.id)
        assert len(kept) == arrived
        assert [store.file_data(OWNER, file.sha256) for file in kept] == [DATA] * len(kept)
        details = [message.details for message in store.all_messages(OWNER, newest.id) if message.role == "user"]
    assert len(files_of(app)) == known + len(kept)
    for file in kept:
        assert file.name
        assert len(file.name.encode()) <= 4 * 120
        assert not set(file.name) & set("/\\<>\0`$")
        assert not file.name.startswith((".", "-"))
        assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in file.name)
        assert details[-1]
        assert [about["name"] for about in details[-1]["attached"]] == [file.name]


def test_cve_2026_24486_an_ordinary_upload_arrives(app: AppProcess, tab: UploadingTab):
    place = tab.place("notes.txt")
    assert tab.put(place.upload_url, quoted(b"notes.txt"), DATA).status_code == 204
    tab.send_file(place, "notes.txt", len(DATA), "Look")
    assert "notes.txt" in {file.name for file in files_of(app)}


@pytest.mark.parametrize(
    "file_id", ["..%2f..%2fup5c1f", "%2fetc%2fcron.d%2fup5c1f", "..%5c..%5cup5c1f", "up5c1f%00", "u" * 5000]
)
def test_ghsa_w8wv_vfpc_hw2w_the_id_of_an_upload_is_no_path(app: AppProcess, tab: UploadingTab, file_id: str):
    before = on_the_disk(app)
    session_url = tab.place().upload_url.rpartition("/")[0]
    status = tab.put(f"{session_url}/{file_id}", quoted(b"up.txt"), DATA).status_code
    assert status in (204, 400, 403, 404, 405)
    assert on_the_disk(app) - before == set()


def test_ghsa_w8wv_vfpc_hw2w_a_session_that_is_not_there_takes_nothing(app: AppProcess, tab: UploadingTab):
    own = tab.place().upload_url
    foreign = own.replace(own.split("/")[3], "0" * 8 + "-0000-0000-0000-" + "0" * 12)
    assert tab.put(foreign, quoted(b"up.txt"), DATA).status_code == 400
    assert tab.put(own, quoted(b"up.txt"), DATA).status_code == 204


def test_ghsa_w8wv_vfpc_hw2w_another_site_uploads_nothing_for_somebody(app: AppProcess, tab: UploadingTab):
    url = f"{app.url}{tab.place().upload_url}"
    answer = httpx.put(url, files={"file": ("up.txt", DATA)}, cookies=dict(tab.http.cookies))
    assert answer.status_code == 403


def too_large(tab: UploadingTab, url: str, *, chunked: bool) -> int:
    """The status of an upload that is a little too large; 0 where the connection was ended."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="large.txt"\r\n\r\n'
    parts = [head, *[b"a" * MB] * 26, b"\r\n--edge--\r\n"]
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "X-Xsrftoken": tab.xsrf}
    try:
        return tab.http.put(url, content=iter(parts) if chunked else b"".join(parts), headers=headers).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in pieces, without a length"])
def test_an_upload_of_26_mb_is_refused_and_nothing_of_it_is_kept(app: AppProcess, tab: UploadingTab, chunked: bool):
    before, known, place = on_the_disk(app), files_of(app), tab.place("large.txt")
    assert too_large(tab, place.upload_url, chunked=chunked) in (413, 0)
    tab.send_file(place, "large.txt", 26 * MB, "Look")
    assert files_of(app) == known
    assert on_the_disk(app) - before == set()


def test_an_upload_one_byte_too_large_is_refused_where_the_length_of_the_request_does_not_say_it(tab: UploadingTab):
    place = tab.place()
    assert tab.put(place.upload_url, quoted(b"large.txt"), b"a" * (MOST + 1)).status_code == 413
    assert tab.put(place.upload_url, quoted(b"fits.txt"), b"a" * (MOST - 1000)).status_code == 204
