"""What every interpreter on Linux gets from the system, and nothing else."""

from pathlib import Path

from orchat.sandbox.limits import Limits

PROGRAMS = ("/usr/lib", "/usr/lib64", "/usr/bin")
"""Not all of /usr: images put applications, and their secrets, into folders beside these."""
DATA = ("/usr/share/zoneinfo", "/usr/share/fonts", "/usr/share/mime")
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/mime.types", "/etc/alternatives")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/full")


def environment(limits: Limits, home: str, temporary: str, programs: Path) -> dict[str, str]:
    """Environment variables, all of them: nothing of the application's comes through."""
    threads = str(min(2, max(1, limits.processes // 16)))
    return {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "MALLOC_ARENA_MAX": "2",
    }
