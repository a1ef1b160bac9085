"""Keys: whose OpenRouter key people's requests go out with, and how much each may spend."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from orchat.choices import DemoMode, Keys
from orchat.settings.field import setting
from orchat.settings.upstream import Upstream


class KeysOfPeople(Upstream):
    """Whose OpenRouter key people's requests go out with, and how much each may spend."""

    keys: Keys = setting(
        "ORCHAT_KEYS",
        Keys.SERVER,
        "Whose key requests go out with: `server` (OPENROUTER_API_KEY), `own` (everybody brings one), or `each`: "
        "orchat makes one for each person, with a limit; it needs OPENROUTER_MANAGEMENT_KEY and ORCHAT_SECRET.",
    )
    key_limit: Annotated[Decimal, Field(gt=0)] = setting(
        "ORCHAT_KEY_LIMIT", Decimal(10), "How many US dollars each of these keys may spend."
    )
    key_limit_reset: Literal["daily", "weekly", "monthly", "never"] = setting(
        "ORCHAT_KEY_LIMIT_RESET", "monthly", "When that begins anew: `daily`, `weekly`, `monthly` or `never`."
    )

    @property
    def simulated(self) -> bool:
        """Whether the embedded OpenRouter answers when a visitor brings no key."""
        keyless = self.api_key is None and self.keys is not Keys.EACH
        return self.demo is DemoMode.ALWAYS or (self.demo is DemoMode.AUTO and keyless)
