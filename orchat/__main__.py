"""Commands for a terminal: `python -m orchat doctor`, `… backup FILE`, `… restore FILE`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from orchat import doctor
from orchat.errors import OrchatError
from orchat.settings import Settings
from orchat.store.backup import back_up, default_name, restore


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        findings = doctor.examine()
        print(doctor.report(findings))
        return int(any(finding.state is doctor.State.FAILED for finding in findings))
    try:
        settings = Settings.load()
        if options.command == "backup":
            path = options.file or default_name(Path.cwd())
            _tell(f"Written to {path}", back_up(settings.store_url, path))
        else:
            before = default_name(options.file.parent)
            back_up(settings.store_url, before)
            print(f"What was there before is in {before}.")
            _tell(f"Restored from {options.file}", restore(settings.store_url, options.file))
    except OrchatError as error:
        print(f"{error.message} {error.advice}", file=sys.stderr)
        return 1
    return 0


def _tell(what: str, rows: dict[str, int]) -> None:
    counted = ", ".join(f"{number:,} {name}" for name, number in rows.items() if number)
    print(f"{what}: {counted or 'nothing was there'}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchat", description="Look after what orchat keeps.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "doctor", help="look at settings, key, models, database, login, disk and sandbox, and say what to do"
    )
    backup = commands.add_parser("backup", help="write conversations, files, costs and preferences into one file")
    backup.add_argument("file", nargs="?", type=Path, help="a new file (default: one with the date in this folder)")
    back = commands.add_parser("restore", help="put a backup in place of what is there; that is backed up first")
    back.add_argument("file", type=Path, help="a file that `backup` has written")
    return parser


if __name__ == "__main__":
    sys.exit(main())
