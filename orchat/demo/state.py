"""Everything that one running demo remembers."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from orchat.demo.account import Account
from orchat.demo.catalogue import Catalogue, load_catalogue
from orchat.demo.made_keys import MadeKeys
from orchat.demo.recording import RECORDS_KEPT, Records

# The usage chunk of OpenRouter in three seasons: an open choice without a finish reason (until December 2025),
# no choice at all (spring 2026), the finishing choice repeated (since July 2026).
UsageShape = Literal["unfinished choice", "no choices", "repeated finish"]


@dataclass
class DemoState:
    """The knobs, the account and the memory of one demo; `speed` 0 means without any pause, 2 twice as fast.

    Without `record` nothing is kept of what clients ask.
    """

    speed: float = 1.0
    starting_credits: float = 5.0
    usage_shape: UsageShape = "repeated finish"
    record: bool = True
    catalogue: Catalogue = field(default_factory=load_catalogue)
    requests: Records = field(default_factory=lambda: deque(maxlen=RECORDS_KEPT))
    sessions_refused: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    """Challenges of the codes that were given and not exchanged yet."""
    made_keys: MadeKeys = field(default_factory=MadeKeys)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    account: Account = field(init=False)

    def __post_init__(self) -> None:
        self.account = Account(self.starting_credits)

    async def pause(self, seconds: float) -> None:
        """Wait, at the speed of this demo."""
        await asyncio.sleep(seconds / self.speed if self.speed else 0)
