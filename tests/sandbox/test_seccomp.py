"""The filter, decided call by call for both architectures, of which this machine has only one."""

import errno

import pytest

from orchat.sandbox.seccomp import ALLOW, AUDIT_ARCHITECTURES, KILL, Network, Scope, program
from orchat.sandbox.syscalls import NUMBERS
from tests.sandbox.bpf import decide

ISOLATED = Scope(namespaces=True)
CONFINED = Scope(namespaces=False, landlock_abi=7)
OLD = Scope(namespaces=False, landlock_abi=1)
CONNECTS = Scope(namespaces=True, network=Network.CONNECTS)
LISTENS = Scope(namespaces=True, network=Network.LISTENS)
PID = 4711
ARCHITECTURES = list(AUDIT_ARCHITECTURES)
EVERYDAY = {"x86_64": (0, 1, 3, 9, 12, 257, 262, 202, 35, 39), "aarch64": (63, 64, 57, 222, 214, 56, 79, 98, 101, 172)}
"""read, write, close, mmap, brk, openat, newfstatat, futex, nanosleep, getpid."""


def refused(number: int) -> int:
    return 0x00050000 | number


def answer(architecture: str, scope: Scope, name: str, *arguments: int) -> int | None:
    """What a call by name gets; None where the architecture has no such call."""
    number = NUMBERS[name][0 if architecture == "x86_64" else 1]
    if number is None:
        return None
    return decide(program(architecture, scope, PID), AUDIT_ARCHITECTURES[architecture], number, *arguments)


@pytest.mark.parametrize("scope", [ISOLATED, CONFINED, OLD])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_everyday_calls_are_allowed(architecture: str, scope: Scope):
    for number in EVERYDAY[architecture]:
        assert decide(program(architecture, scope, PID), AUDIT_ARCHITECTURES[architecture], number) == ALLOW


@pytest.mark.parametrize("scope", [ISOLATED, CONFINED, OLD])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_opens_the_kernel_is_refused(architecture: str, scope: Scope):
    for name in ("mount", "ptrace", "bpf", "unshare", "setns", "keyctl", "io_uring_setup", "userfaultfd", "kexec_load"):
        assert answer(architecture, scope, name) == refused(errno.EPERM)
    for name in ("socket", "connect", "bind", "listen", "accept4"):
        assert answer(architecture, scope, name) == refused(errno.EACCES)
    assert answer(architecture, scope, "clone3") == refused(errno.ENOSYS)
    assert answer(architecture, scope, "socketpair", 1) == ALLOW
    assert answer(architecture, scope, "socketpair", 2) == refused(errno.EACCES)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_opens_the_kernel_is_refused_with_a_network_too(architecture: str):
    for name in ("mount", "ptrace", "bpf", "unshare", "setns", "keyctl", "io_uring_setup", "userfaultfd", "sendmmsg"):
        for scope in (CONNECTS, LISTENS):
            assert answer(architecture, scope, name) in {refused(errno.EPERM), refused(errno.EACCES)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_network_is_streams_of_tcp_and_nothing_else(architecture: str):
    internet, stream, datagram, raw, multipath = 2, 1, 2, 3, 262
    for scope in (CONNECTS, LISTENS):
        for flags in (0, 0o4000, 0o2000000, 0o2004000):
            assert answer(architecture, scope, "socket", internet, stream | flags) == ALLOW
        assert answer(architecture, scope, "socket", internet, stream, 6) == ALLOW
        for kind in ((1, stream), (10, stream), (16, raw), (17, raw), (40, stream), (38, 5)):
            assert answer(architecture, scope, "socket", *kind) == refused(errno.EACCES)
        for kind in ((internet, datagram), (internet, raw, 1), (internet, stream, multipath), (internet, stream, 132)):
            assert answer(architecture, scope, "socket", *kind) == refused(errno.EACCES)
        assert answer(architecture, scope, "connect") == ALLOW


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_only_the_runner_opens_a_port_before_it_locks_itself_in(architecture: str):
    for name in ("bind", "listen"):
        assert answer(architecture, LISTENS, name) == ALLOW
        assert answer(architecture, CONNECTS, name) == refused(errno.EACCES)
    for name in ("accept", "accept4"):
        assert answer(architecture, LISTENS, name) in {refused(errno.EACCES), None}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_calls_of_another_architecture_end_the_process(architecture: str):
    other = next(value for name, value in AUDIT_ARCHITECTURES.items() if name != architecture)
    assert decide(program(architecture, ISOLATED), other, 0) == KILL
    assert decide(program(architecture, ISOLATED), 0x40000003, 0) == KILL
    if architecture == "x86_64":
        assert decide(program(architecture, ISOLATED), AUDIT_ARCHITECTURES[architecture], 0x40000000 + 39) == KILL


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_calls_that_nobody_knows_do_not_exist(architecture: str):
    for number in (463, 470, 600, 0x3FFFFFFF):
        assert decide(program(architecture, ISOLATED), AUDIT_ARCHITECTURES[architecture], number) == refused(
            errno.ENOSYS
        )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_clone_makes_threads_and_no_namespaces(architecture: str):
    thread, process, user, time = 0x3D0F00, 17, 0x10000000 | 17, 0x80 | 17
    for scope in (ISOLATED, CONFINED):
        assert answer(architecture, scope, "clone", thread) == ALLOW
        assert answer(architecture, scope, "clone", user) == refused(errno.EPERM)
        assert answer(architecture, scope, "clone", time) == refused(errno.EPERM)
    assert answer(architecture, ISOLATED, "clone", process) == ALLOW
    assert answer(architecture, CONFINED, "clone", process) == refused(errno.EPERM)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_without_namespaces_no_program_starts_and_no_other_process_is_reached(architecture: str):
    for name in ("execve", "execveat", "fork", "vfork", "setsid", "pidfd_send_signal", "inotify_add_watch"):
        assert answer(architecture, CONFINED, name) in {refused(errno.EPERM), None}
        assert answer(architecture, ISOLATED, name) in {ALLOW, None}
    for name in ("prlimit64", "sched_setaffinity"):
        assert answer(architecture, CONFINED, name, 0) == ALLOW
        assert answer(architecture, CONFINED, name, PID) == ALLOW
        assert answer(architecture, CONFINED, name, 1) == refused(errno.EPERM)
    assert answer(architecture, CONFINED, "setpriority", 0, 0) == ALLOW
    assert answer(architecture, CONFINED, "setpriority", 0, 1) == refused(errno.EPERM)
    assert answer(architecture, CONFINED, "setpriority", 2, 0) == refused(errno.EPERM)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_landlock_does_not_watch_is_pretended(architecture: str):
    for name in ("chmod", "fchmodat", "fchownat", "utimensat"):
        assert answer(architecture, CONFINED, name) in {refused(0), None}
        assert answer(architecture, ISOLATED, name) in {ALLOW, None}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_filter_stands_in_for_what_an_old_landlock_lacks(architecture: str):
    assert answer(architecture, CONFINED, "truncate") == ALLOW
    assert answer(architecture, OLD, "truncate") == refused(errno.EACCES)
    assert answer(architecture, CONFINED, "kill", 1) == ALLOW
    assert answer(architecture, OLD, "kill", 1) == refused(errno.EPERM)
    assert answer(architecture, OLD, "kill", PID) == ALLOW


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_real_time_is_nobodys(architecture: str):
    for scope in (ISOLATED, CONFINED):
        assert answer(architecture, scope, "sched_setscheduler", 0, 0) == ALLOW
        assert answer(architecture, scope, "sched_setscheduler", 0, 1) == refused(errno.EPERM)
    assert answer(architecture, CONFINED, "sched_setscheduler", 1, 0) == refused(errno.EPERM)


def test_a_filter_is_within_what_the_kernel_takes():
    for architecture in ARCHITECTURES:
        for scope in (ISOLATED, CONFINED, OLD, CONNECTS, LISTENS):
            assert len(program(architecture, scope, PID)) // 8 < 4096
