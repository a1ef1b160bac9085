"""The workspace from outside: names and links of hostile code, and folders that are deeper than any stack."""

import os
import threading
import time
from pathlib import Path

import pytest

from orchat.errors import SandboxError
from orchat.sandbox import Sandbox, Workspace, safe_name
from orchat.sandbox.folders import Usage, entries, remove_tree, usage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "w").mkdir()
    (tmp_path / "secret").write_text("sk-or-v1-secret")
    return tmp_path / "w"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.csv", "report.csv"),
        ("../../etc/passwd", "passwd"),
        ("a/b\\c.txt", "c.txt"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("two words.txt", "two words.txt"),
        ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
        ("line\nbreak", "line_break"),
        ("evil\u202egnp.exe", "evil_gnp.exe"),
        ("Grüße 日本.txt", "Grüße 日本.txt"),
        ("", "file"),
        ("...", "file"),
        ("/", "file"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
        ("\ud800.txt", "_.txt"),
    ],
)
def test_a_download_has_a_safe_name(name: str, safe: str):
    assert safe_name(name) == safe


def test_a_link_is_neither_named_nor_read(folder: Path):
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "up").symlink_to(folder.parent)
    files = Workspace(folder)
    assert files.names() == []
    for name in ("link", "up/secret", "../secret", "/etc/passwd", "", "."):
        with pytest.raises(SandboxError):
            files.read(name)


def test_a_file_with_another_name_elsewhere_is_not_collected(folder: Path):
    os.link(folder.parent / "secret", folder / "hard")
    assert Workspace(folder).names() == []
    with pytest.raises(SandboxError, match="ordinary"):
        Workspace(folder).read("hard")


def test_a_pipe_does_not_make_the_reader_wait(folder: Path):
    os.mkfifo(folder / "pipe")
    assert Workspace(folder).names() == []
    with pytest.raises(SandboxError):
        Workspace(folder).read("pipe")


def test_what_arrives_replaces_a_planted_link_and_does_not_go_through_it(folder: Path):
    (folder / "in.csv").symlink_to(folder.parent / "secret")
    Workspace(folder).write("in.csv", b"data")
    assert (folder.parent / "secret").read_text() == "sk-or-v1-secret"
    assert not (folder / "in.csv").is_symlink()
    assert Workspace(folder).read("in.csv") == b"data"


def test_what_arrives_has_a_safe_name(folder: Path):
    assert Workspace(folder).write("../../x\n.csv", b"") == "x_.csv"
    assert [path.name for path in folder.iterdir()] == ["x_.csv"]


def test_a_file_that_is_too_large_is_not_read(folder: Path):
    (folder / "large").write_bytes(bytes(2000))
    assert len(Workspace(folder).read("large", most=2000)) == 2000
    with pytest.raises(SandboxError, match="larger"):
        Workspace(folder).read("large", most=1999)


def test_a_name_that_is_no_text_is_left_out(folder: Path):
    (folder / "ok").touch()
    Path(os.fsdecode(bytes(folder) + b"/\xff\xfe")).touch()
    assert Workspace(folder).names() == ["ok"]
    assert usage(folder, Usage(10**9, 10**9)).files == 2


@pytest.mark.parametrize("depth", [10, 1500])
def test_a_tree_deeper_than_the_stack_is_walked_and_removed(folder: Path, depth: int):
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=handle)
        below = os.open("deep", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(os.open("bottom", os.O_CREAT, dir_fd=handle))
    os.close(handle)
    assert len(list(entries(folder))) <= 34
    remove_tree(folder)
    assert not folder.exists()


def test_closed_folders_are_counted_and_removed(box: Sandbox):
    box.run(
        "import os\nos.makedirs('a/b/c')\nopen('a/b/c/file', 'wb').write(bytes(100_000))\n"
        "for name in ('a/b/c', 'a/b', 'a'): os.chmod(name, 0)"
    )
    assert usage(box.workspace, Usage(10**9, 10**9)).size >= 100_000
    box.close()
    remove_tree(box.workspace)
    assert not box.workspace.exists()


def test_names_of_every_kind_come_out_of_a_cell(box: Sandbox):
    result = box.run(
        "names = b'\\xff', b'line\\nbreak', '\\u202eevil'.encode(), b'<img src=x>', b'-rf', b'n' * 250\n"
        "for name in names: open(name, 'w').close()"
    )
    assert result.error is None
    assert len(result.files) == 5
    repr(result).encode()
    assert {safe_name(name) for name in result.files} == {"line_break", "_evil", "_img src=x_", "rf", "n" * 120}


def test_the_folder_cannot_be_exchanged_from_inside(box: Sandbox, tmp_path: Path):
    (tmp_path / "secret").write_text("x")
    box.run(
        "import contextlib, os\nfor old, new in (('.', '../other'), (os.getcwd(), '/tmp/x')):\n"
        "    with contextlib.suppress(OSError): os.rename(old, new)"
    )
    assert box.workspace.is_dir()
    assert (tmp_path / "secret").read_text() == "x"


def test_a_walk_survives_files_that_come_and_go(box: Sandbox):
    code = (
        "import os, time\nend = time.time() + 1\nwhile time.time() < end:\n    os.makedirs('x/y', exist_ok=True)\n"
        "    open('x/y/z', 'w').close()\n    os.unlink('x/y/z'); os.rmdir('x/y'); os.rmdir('x')"
    )
    running = threading.Thread(target=box.run, args=(code,))
    running.start()
    end = time.monotonic() + 1
    while time.monotonic() < end:
        usage(box.workspace, Usage(10**9, 10**9))
        box.files.names()
    running.join()
