"""What code may try, and what comes of it: nothing, and the next cell works."""

import pytest

from tests.sandbox.attacks import ATTACKS, GROUPS
from tests.sandbox.battery import Battery, options


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_contained(name: str, battery: Battery):
    battery.attack(ATTACKS[name], **options(name))


def test_every_kind_of_attack_is_tried():
    assert len(GROUPS) == 13
    assert len(ATTACKS) >= 120
