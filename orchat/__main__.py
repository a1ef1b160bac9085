"""The commands for whoever runs orchat: `python -m orchat doctor`."""

import argparse
import sys

from orchat import doctor


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchat", description="Commands for whoever runs orchat.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="look at settings, key, models, database, login and disk, and say what to do")
    parser.parse_args(arguments)
    findings = doctor.examine()
    print(doctor.report(findings))
    return 1 if any(finding.state is doctor.State.FAILED for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
