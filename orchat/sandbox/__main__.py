"""`python -m orchat.sandbox doctor`: what can isolate code on this machine, tried out."""

import argparse

from orchat.errors import OrchatError
from orchat.sandbox.choice import available, environment_of
from orchat.sandbox.report import Report
from orchat.settings import Settings


def table(report: Report) -> str:
    """The findings, one a line."""
    lines = [f"{'backend':<10} {'self-tests':<12} {'seconds':<8} result"]
    for finding in report.findings:
        result = "holds" if finding.holds else finding.reason
        if finding.holds and finding.backend == report.chosen:
            result += ", is used"
        lines.append(f"{finding.backend:<10} {finding.passed:<12} {finding.seconds:<8.1f} {result}")
    return "\n".join(lines)


def main() -> int:
    """Try every backend and print what came of it; 1 if none can be used."""
    parser = argparse.ArgumentParser(prog="python -m orchat.sandbox", description=__doc__)
    parser.add_argument("command", choices=["doctor"])
    parser.parse_args()
    try:
        settings = Settings.load()
        report = available(settings, every=True)
        environment = environment_of(settings)
    except OrchatError as error:
        print(f"{error.message} {error.advice}")
        return 1
    print(table(report))
    where = environment.ready or "not made yet" if environment.folder else "none wanted: the standard library only"
    print(f"\nenvironment for code: {where}")
    print(f"network for code: {report.reach or report.without_reach or 'none'}")
    if report.chosen is None:
        print(f"\nCode cannot be run here. {report.reason}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
