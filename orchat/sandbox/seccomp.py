"""Seccomp: which system calls code in the sandbox may make, as a classic BPF program for the kernel.

The program is made here and only loaded inside. It refuses with an error number, never with a signal: libraries try
calls and go on without them. A call of a foreign architecture ends the process, since its numbers mean other calls.
"""

import errno
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from orchat.sandbox.refused_calls import ALWAYS, CONFINED, PRETENDED, SOCKETS
from orchat.sandbox.syscalls import NUMBERS

AUDIT_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LAST_KNOWN_CALL = 462
"""Later calls do not exist for the sandbox: nobody has looked at what they open."""

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ABOVE, JUMP_ANY_BIT, RETURN, MASK = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06, 0x54
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, KILL = 0x7FFF0000, 0x80000000
X32_BIT = 0x40000000
NEW_NAMESPACES = 0x7E020000 | 0x80
CLONE_THREAD = 0x10000
AF_UNIX, AF_INET = 1, 2
STREAMS = (1, 1 | 0o4000, 1 | 0o2000000, 1 | 0o4000 | 0o2000000)
"""SOCK_STREAM, also without blocking, closed on exec, or both."""
ANY_PROTOCOL, TCP = 0, 6
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
REAL_TIME_OR_DEADLINE = (1, 2, 6)

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, operand."""


class Network(Enum):
    """Which sockets there are: none; TCP for whoever opens the port of the proxy; TCP for whoever connects to it."""

    NONE = "none"
    LISTENS = "listens"
    CONNECTS = "connects"


CALLS_FOR: Final = {
    Network.NONE: (),
    # A second filter takes away and never gives, so the first one already allows what the second one shall.
    Network.LISTENS: ("bind", "listen", "connect"),
    Network.CONNECTS: ("connect",),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the rest of the sandbox leaves to the filter.

    With `namespaces` the process has its own view of processes and files. Without, the filter also has to keep it from
    starting programs, from changing what Landlock does not watch, and from reaching other processes. Any `network` but
    none is for a network namespace that has nothing in it.
    """

    namespaces: bool
    landlock_abi: int = 0
    network: Network = Network.NONE


def refuse(number: int) -> Instruction:
    """Answer a call with an error number; 0 pretends that it succeeded."""
    return RETURN, 0, 0, 0x00050000 | number


def argument(index: int) -> Instruction:
    """Load the lower half of an argument."""
    return LOAD, 0, 0, FIRST_ARGUMENT_AT + 8 * index


def only(index: int, allowed: Iterable[int], otherwise: int = errno.EPERM) -> list[Instruction]:
    """Allow a call whose argument is one of these."""
    allow: Instruction = (RETURN, 0, 0, ALLOW)
    tests = [step for value in allowed for step in ((JUMP_EQUAL, 0, 1, value & 0xFFFFFFFF), allow)]
    return [argument(index), *tests, refuse(otherwise)]


def none_of(index: int, refused: Iterable[int], with_error: int = errno.EPERM) -> list[Instruction]:
    """Refuse a call whose argument is one of these."""
    tests = [step for value in refused for step in ((JUMP_EQUAL, 0, 1, value), refuse(with_error))]
    return [argument(index), *tests, (RETURN, 0, 0, ALLOW)]


def first(index: int, allowed: Iterable[int], otherwise: int = errno.EPERM) -> list[Instruction]:
    """Go on with the rules that follow if an argument is one of these."""
    values = list(allowed)
    tests: list[Instruction] = [(JUMP_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    return [argument(index), *tests, refuse(otherwise)]


def clone_rules(scope: Scope) -> list[Instruction]:
    """New threads always, new processes only in a process namespace, other namespaces never."""
    rules: list[Instruction] = [argument(0), (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES), refuse(errno.EPERM)]
    if not scope.namespaces:
        rules += [(JUMP_ANY_BIT, 1, 0, CLONE_THREAD), refuse(errno.EPERM)]
    return [*rules, (RETURN, 0, 0, ALLOW)]


def conditions(scope: Scope, own_pid: int) -> dict[str, list[Instruction]]:
    """The calls that depend on their arguments, or that are answered with something special."""
    rules = {
        # The kernel reads its flags from memory, where no filter can look; the C library falls back to clone.
        "clone3": [refuse(errno.ENOSYS)],
        "clone": clone_rules(scope),
        "memfd_create": [refuse(errno.ENOSYS)],
        "socketpair": only(0, [AF_UNIX], errno.EACCES),
        "ioctl": none_of(1, [TIOCSTI, TIOCLINUX]),
        "prctl": none_of(0, [PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER]),
        "personality": only(0, [0, 0xFFFFFFFF]),
        "sched_setscheduler": none_of(1, REAL_TIME_OR_DEADLINE),
        **socket_rules(scope.network),
    }
    if scope.namespaces:
        return rules
    return rules | confined_conditions(scope, own_pid)


def socket_rules(network: Network) -> dict[str, list[Instruction]]:
    """What can be done with sockets: nothing, or as much as a proxy on a port needs."""
    rules = {name: [refuse(errno.EACCES)] for name in SOCKETS}
    if network is not Network.NONE:
        tcp = [*first(0, [AF_INET], errno.EACCES), *first(1, STREAMS, errno.EACCES)]
        rules["socket"] = [*tcp, *only(2, [ANY_PROTOCOL, TCP], errno.EACCES)]
    for name in CALLS_FOR[network]:
        rules[name] = [(RETURN, 0, 0, ALLOW)]
    return rules


def confined_conditions(scope: Scope, own_pid: int) -> dict[str, list[Instruction]]:
    """What a process needs that shares the host's processes and files, and is held by Landlock only."""
    myself = [0, own_pid]
    rules = {
        **{name: [refuse(0)] for name in PRETENDED},
        **{name: [refuse(errno.EINVAL)] for name in ("readlink", "readlinkat")},
        **{name: only(0, myself) for name in ("prlimit64", "sched_setparam", "sched_setaffinity")},
        # A thread's own number is not known beforehand, so the scheduler's other calls work on the caller only.
        "sched_setscheduler": [*first(0, [0]), *none_of(1, REAL_TIME_OR_DEADLINE)],
        # Zero means the caller itself, or a single process.
        "setpriority": [*first(0, [0]), *only(1, [0])],
    }
    # Landlock watches signals from its sixth version on, and a path's length from its third.
    if scope.landlock_abi < 6:
        rules |= {name: only(0, [own_pid]) for name in ("kill", "tgkill")}
    if scope.landlock_abi < 3:
        rules["truncate"] = [refuse(errno.EACCES)]
    return rules


def program(architecture: str, scope: Scope, own_pid: int = 0) -> bytes:
    """The filter as the kernel takes it: eight bytes for each instruction.

    Raises:
        KeyError: the architecture is neither x86_64 nor aarch64.
    """
    column = 0 if architecture == "x86_64" else 1
    steps: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURES[architecture]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
    ]
    if architecture == "x86_64":
        steps += [(JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    steps += [(JUMP_ABOVE, 0, 1, LAST_KNOWN_CALL), refuse(errno.ENOSYS)]
    refused = ALWAYS if scope.namespaces else (*ALWAYS, *CONFINED)
    rules: Mapping[str, list[Instruction]] = {
        **{name: [refuse(errno.EPERM)] for name in refused},
        **conditions(scope, own_pid),
    }
    for name, rule in rules.items():
        number = NUMBERS[name][column]
        if number is not None:
            steps += [(JUMP_EQUAL, 0, len(rule), number), *rule]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
