"""What the runner does to itself before it runs a line of anybody's code; none of it can be taken back.

The order matters: descriptors, limits, another user, Landlock, and last the filter that forbids all of these.
"""

import base64
import ctypes
import os
import resource
import signal
import struct
from typing import Any

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_ABI_QUERY = 1
LANDLOCK_PATH = 1
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 1, 22, 38, 24
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
LAST_CAPABILITY = 63
ON_FILES = 0x1 | 0x2 | 0x4 | 0x4000 | 0x8000
"""The rights that a file can have; the others belong to folders."""

libc = ctypes.CDLL(None, use_errno=True)


def protect(set_up: dict[str, Any]) -> None:
    """Apply what the application asks for.

    Raises:
        OSError: one of the layers does not take; nothing may run then.
    """
    parent = set_up.get("parent")
    apply_limits(set_up["rlimits"])
    os.umask(0o077)
    if set_up.get("uid") is not None:
        become(set_up["uid"])
    elif set_up.get("drop_capabilities"):
        drop_capabilities()
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if parent is not None:
        # A change of the user forgets this, so it comes after.
        check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
        if os.getppid() != parent:
            os._exit(1)
    os.makedirs(set_up["tmp"], mode=0o700, exist_ok=True)
    if set_up.get("landlock"):
        restrict(set_up["landlock"])
    filters = set_up.get("filters")
    if filters:
        load_filter(base64.b64decode(filters[os.uname().machine]))


def check(result: int) -> int:
    """Turn the C library's way of failing into Python's."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def apply_limits(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))


def become(uid: int) -> None:
    """Leave root for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.geteuid() == 0 or os.getresuid() != (uid, uid, uid):
        raise PermissionError("the process could not leave root")


def drop_capabilities() -> None:
    """Stay the user, without what root may do beyond its own files."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    check(libc.capset(header, bytes(24)))


def restrict(rules: dict[str, Any]) -> None:
    """Put the process under Landlock: `rights` by path, everything else is refused."""
    abi = check(libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), LANDLOCK_ABI_QUERY))
    handled, network, scope = (bits(per_abi, abi) for per_abi in (rules["files"], rules["network"], rules["scope"]))
    attributes = struct.pack("=QQQ", handled, network, scope)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = check(libc.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0))
    for path, rights in rules["paths"]:
        allow(ruleset, path, rights & handled)
    check(libc.syscall(LANDLOCK_RESTRICT, ruleset, 0))
    os.close(ruleset)


def bits(per_abi: list[int], abi: int) -> int:
    """All bits that the kernel's version knows; the list has a mask for each version."""
    known = 0
    for mask in per_abi[:abi]:
        known |= mask
    return known


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= ON_FILES
        if rights:
            rule = struct.pack("=Qi", rights, descriptor)
            check(libc.syscall(LANDLOCK_ADD, ruleset, LANDLOCK_PATH, rule, 0))
    finally:
        os.close(descriptor)


def load_filter(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(buffer)))
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0))
