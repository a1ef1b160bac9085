"""Commands for a terminal: `python -m orchat doctor`, `… migrate`, `… backup`, `… restore FILE`, `… retention`."""

import argparse
import sys
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from orchat import doctor
from orchat.errors import OrchatError
from orchat.library import Library
from orchat.limits import Limits
from orchat.live_settings import LiveSettings
from orchat.search import backup as documents
from orchat.settings import Settings
from orchat.store import DividedStore
from orchat.store.backup import back_up, default_name, restore
from orchat.store.earlier_copy import migrate
from orchat.store.inspection import SchemaState, inspect_schema
from orchat.store.schema import HEAD
from orchat.workshop import Workshop


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        findings = doctor.examine()
        print(doctor.report(findings))
        return int(any(finding.state is doctor.State.FAILED for finding in findings))
    try:
        settings = Settings.load()
        if options.command == "migrate":
            return _migrate(settings, options.copy, without_copy=options.without_copy, check=options.check)
        # What opens the database migrates it as well, and keeps no copy of PostgreSQL.
        migrate(settings.store_url, settings.data_dir)
        if options.command == "retention":
            _retention(settings, options.days, delete=options.delete)
        elif options.command == "backup":
            path = options.file or default_name(Path.cwd())
            _tell(f"Written to {path}", _back_up(settings, path))
        else:
            before = default_name(options.file.parent)
            _back_up(settings, before)
            print(f"What was there before is in {before}.")
            _tell(f"Restored from {options.file}", _restore(settings, options.file))
    except OrchatError as error:
        print(f"{error.message} {error.advice}", file=sys.stderr)
        return 1
    return 0


def _migrate(settings: Settings, copy: Path | None, *, without_copy: bool, check: bool) -> int:
    """Bring the database up to date, or say whether that is due; returns the exit status."""
    found = inspect_schema(settings.store_url)
    if check:
        print(f"{found.product}: {found.said}.")
        return int(found.state not in (SchemaState.CURRENT, SchemaState.ABSENT))
    done = migrate(settings.store_url, settings.data_dir, copy=copy, without_copy=without_copy)
    if done is None:
        print(f"Nothing to do: {found.product}, {found.said}.")
    elif done.before is None:
        print(f"{found.product}: a new database is made, with schema {HEAD}.")
    else:
        print(f"{found.product}: from schema {done.before} to {HEAD}.")
        print(f"What was there before is in {done.copy}." if done.copy else "No copy was made.")
        if done.copy and settings.documents_url:
            print("Documents are not in it: a migration does not touch them.")
    return 0


def _retention(settings: Settings, days: int | None, *, delete: bool) -> None:
    """Show which chats are older than they may be, and delete them if that is wanted."""
    if days is not None:
        settings = settings.model_copy(update={"retention_days": days})
    with DividedStore.open(settings.store_url) as store:
        workshop = Workshop(LiveSettings(settings, store), store, _nothing_runs, (), loopback_only=True)
        limits = Limits(lambda: settings, store, lambda: workshop.library)
        if limits.retention is None:
            print("Chats are kept until somebody deletes them. Set ORCHAT_RETENTION_DAYS, or name days with --days.")
            return
        due = limits.outdated()
        for one in due:
            span = f"last written in from {one.oldest:%Y-%m-%d} to {one.newest:%Y-%m-%d}"
            print(f"{one.owner}: {one.chats:,} chats, {one.messages:,} messages, {one.file_bytes:,} bytes; {span}")
        print(f"{sum(one.chats for one in due):,} chats have had no message for {limits.retention.days} days.")
        if not delete and days is None and limits.hold:
            print(f"Where orchat runs, they are deleted from {limits.hold.until:%Y-%m-%d %H:%M} UTC on.")
        if delete and due:
            gone = limits.delete_outdated()
            workshop.forget(gone)
            print(f"{len(gone):,} chats are deleted. What they cost stays in the books.")


def _back_up(settings: Settings, path: Path) -> dict[str, int]:
    """Write everything into one file, with documents and what code has written."""
    from orchat.sandbox import backup as workspaces

    rows = back_up(settings.store_url, path)
    rows["collections of documents"] = documents.keep(path, Library.place_of(settings))
    rows["files of code"], left_out = workspaces.keep(path, settings.workspaces)
    if left_out:
        print(f"Left out: {left_out:,} links, special or unreadable files in the folders of code.")
    return rows


def _restore(settings: Settings, path: Path) -> dict[str, int]:
    from orchat.sandbox import backup as workspaces

    rows = restore(settings.store_url, path)
    rows["collections of documents"] = documents.bring_back(path, Library.place_of(settings)) or 0
    rows["files of code"] = workspaces.bring_back(path, settings.workspaces) or 0
    return rows


def _nothing_runs(work: Coroutine[Any, Any, Any]) -> "Future[Any]":
    work.close()
    raise OrchatError("Nothing runs in this command.")


def _tell(what: str, rows: dict[str, int]) -> None:
    counted = ", ".join(f"{number:,} {name}" for name, number in rows.items() if number)
    print(f"{what}: {counted or 'nothing was there'}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchat", description="Look after what orchat keeps.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "doctor", help="look at settings, key, models, database, login, disk and sandbox, and say what to do"
    )
    migration = commands.add_parser("migrate", help="bring the database up to date, and keep a copy from before")
    migration.add_argument(
        "--check", action="store_true", help="only say whether that is due, and exit with 1 where it is"
    )
    kept = migration.add_mutually_exclusive_group()
    kept.add_argument("--copy", type=Path, metavar="FILE", help="where to keep the copy (default: in the data folder)")
    kept.add_argument("--without-copy", action="store_true", help="keep none, because there is a backup")
    backup = commands.add_parser("backup", help="write conversations, files, costs and preferences into one file")
    backup.add_argument("file", nargs="?", type=Path, help="a new file (default: one with the date in this folder)")
    back = commands.add_parser("restore", help="put a backup in place of what is there; that is backed up first")
    back.add_argument("file", type=Path, help="a file that `backup` has written")
    retention = commands.add_parser("retention", help="show which chats are due to be deleted because of their age")
    retention.add_argument("--days", type=_days, help="as if ORCHAT_RETENTION_DAYS were this")
    retention.add_argument("--delete", action="store_true", help="delete them now, for good")
    return parser


def _days(text: str) -> int:
    if (days := int(text)) < 1:
        raise ValueError("at least one day")
    return days


if __name__ == "__main__":
    sys.exit(main())
