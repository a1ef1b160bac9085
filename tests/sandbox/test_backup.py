"""What code has written goes into a backup and comes back from it, and nothing that it has set as a trap."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from orchat.__main__ import main
from orchat.errors import SandboxError
from orchat.sandbox import backup as workspaces


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def read(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_backup_holds_what_code_has_written_and_restoring_brings_it_back(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workspaces, "PIECE", 1000)
    files = {"a/plot.png": b"\x89PNG" * 900, "a/deep/er/ü.csv": b"1,2", "a/empty": b"", "b/run.sh": b"#!/bin/sh"}
    write(data / "workspaces", files)
    (data / "workspaces" / "b" / "run.sh").chmod(0o755)
    assert main(["backup", "one.backup"]) == 0
    assert "4 files of code" in capsys.readouterr().out
    write(data / "workspaces", {"a/empty": b"not any more", "c/later.txt": b"later"})
    assert main(["restore", "one.backup"]) == 0
    assert "4 files of code" in capsys.readouterr().out
    assert read(data / "workspaces") == files
    assert (data / "workspaces" / "b" / "run.sh").stat().st_mode & 0o700 == 0o700
    assert stat.S_IMODE((data / "workspaces" / "a" / "deep").stat().st_mode) == 0o700
    assert main(["restore", "one.backup"]) == 0


def test_links_and_special_files_are_left_out_and_that_is_said(data: Path, capsys: pytest.CaptureFixture[str]):
    write(data, {"secret.txt": b"not for code", "workspaces/a/mine.txt": b"mine"})
    folder = data / "workspaces" / "a"
    (folder / "link").symlink_to(data / "secret.txt")
    (folder / "folder").symlink_to(data)
    (folder / "hard").hardlink_to(data / "secret.txt")
    os.mkfifo(folder / "pipe")
    (data / "workspaces" / "linked").symlink_to(data)
    assert main(["backup", "one.backup"]) == 0
    said = capsys.readouterr().out
    assert "1 files of code" in said
    assert "Left out: 4 links, special or unreadable files" in said
    with closing(sqlite3.connect("one.backup")) as connection:
        assert connection.execute("SELECT conversation, path FROM workspace_files").fetchall() == [("a", "mine.txt")]


def test_a_backup_from_before_leaves_what_is_there(data: Path, tmp_path: Path):
    write(data / "workspaces", {"a/mine.txt": b"mine"})
    sqlite3.connect(tmp_path / "old.backup").close()
    assert workspaces.bring_back(tmp_path / "old.backup", data / "workspaces") is None
    assert read(data / "workspaces") == {"a/mine.txt": b"mine"}


@pytest.mark.parametrize(
    "conversation, path",
    [
        ("..", "x"),
        ("a/b", "x"),
        ("", "x"),
        ("a", "../x"),
        ("a", "/etc/x"),
        ("a", "b/../../x"),
        ("a", ""),
        ("a", "x\0y"),
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused_and_nothing_removed(
    data: Path, tmp_path: Path, conversation: str, path: str
):
    write(data / "workspaces", {"a/mine.txt": b"mine"})
    evil = tmp_path / "evil.backup"
    assert workspaces.keep(evil, tmp_path / "nothing") == (0, 0)
    with closing(sqlite3.connect(evil)) as connection:
        connection.execute("INSERT INTO workspace_files VALUES (?, ?, 0, 384, x'00')", (conversation, path))
        connection.commit()
    with pytest.raises(SandboxError, match="impossible name"):
        workspaces.bring_back(evil, data / "workspaces")
    assert read(data / "workspaces") == {"a/mine.txt": b"mine"}


def test_a_backup_that_cannot_be_written_is_told_and_removed(tmp_path: Path):
    (tmp_path / "one.backup").write_bytes(b"this is no database at all, only text")
    with pytest.raises(SandboxError, match="could not be copied"):
        workspaces.keep(tmp_path / "one.backup", tmp_path)
    assert not (tmp_path / "one.backup").exists()
