"""No isolation: a plain process with limits. It may read and do whatever orchat may, and is never chosen by itself."""

from pathlib import Path

from orchat.sandbox.backends.system import environment
from orchat.sandbox.launch import RUNNER, Launch, Place


class Unsafe:
    """Runs interpreters as they are."""

    name = "unsafe"
    own_network = False

    def missing(self) -> str | None:
        """Nothing; that is the trouble with it."""
        return None

    def separates(self, place: Place) -> bool:  # noqa: ARG002 - other backends look at it
        """Never: it isolates nothing."""
        return False

    def launch(self, place: Place) -> Launch:
        """Start the Python itself."""
        python = place.python
        place.temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
        fonts: Path | None = python.fonts
        return Launch(
            [*python.command, str(RUNNER)],
            lambda _pid: {
                "rlimits": place.limits.rlimits(),
                "workspace": str(place.workspace),
                "tmp": str(place.temporary),
                "fonts": str(fonts) if fonts else None,
            },
            environment(place.limits, str(place.workspace), str(place.temporary), python.executable.parent),
            home_moves=True,
        )
