"""Attacks by what they are after: the name says what the code does, the code runs as a cell."""

from tests.sandbox.attacks import (
    crashes,
    files,
    floods,
    links,
    memory,
    network,
    processes,
    protocol,
    secrets,
    signals,
    storage,
    syscalls,
    users,
)

GROUPS = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        secrets,
        files,
        links,
        users,
        network,
        processes,
        syscalls,
        memory,
        storage,
        floods,
        signals,
        crashes,
        protocol,
    )
}
ATTACKS = {f"{group}: {name}": code for group, cases in GROUPS.items() for name, code in cases.items()}
