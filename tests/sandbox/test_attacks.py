"""What code may try, and what comes of it: nothing, and the next cell works."""

from collections.abc import Iterator

import pytest

from orchat.sandbox import Sandbox
from orchat.sandbox.engine import Engine
from tests.sandbox.attacks import ATTACKS, GROUPS
from tests.sandbox.battery import LIMITS, Battery, options
from tests.sandbox.world import World


@pytest.fixture(scope="module")
def networked_battery(networked: Engine, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battery]:
    with Sandbox.open(tmp_path_factory.mktemp("workspace") / "session", LIMITS, engine=networked) as box:
        yield Battery.of(box, world, "bwrap")


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_contained(name: str, battery: Battery):
    battery.attack(ATTACKS[name], **options(name))


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_contained_where_code_may_reach_a_host_too(name: str, networked_battery: Battery):
    networked_battery.attack(ATTACKS[name], **options(name))


def test_every_kind_of_attack_is_tried():
    assert len(GROUPS) == 13
    assert len(ATTACKS) >= 120
