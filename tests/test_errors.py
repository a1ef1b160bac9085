import copy
import inspect
import pickle
import re

import pytest

from orchat import errors
from orchat.errors import Action, OpenRouterError, OrchatError, RateLimitedError
from orchat.reply import Reply

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, OrchatError)]
NAMED = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def tree_in_the_docstring() -> dict[str, str]:
    """Each class with its parent, as the drawing in the module's docstring has them."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.fullmatch(r"([│├└─ ]*)(\w+Error)", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    assert tree_in_the_docstring() == {kind.__name__: kind.__base__.__name__ for kind in CLASSES}


@NAMED
def test_every_error_says_what_it_is_and_what_to_do(kind: type[OrchatError]):
    assert kind.__doc__
    assert kind is OrchatError or kind("It failed.").advice
    assert all(isinstance(action, Action) for action in kind.actions)


@pytest.mark.parametrize(
    "kind", [kind for kind in CLASSES if issubclass(kind, OpenRouterError)], ids=lambda kind: kind.__name__
)
def test_every_failure_of_openrouter_offers_something_to_do(kind: type[OpenRouterError]):
    assert kind.actions


@NAMED
def test_errors_survive_pickling_and_copying(kind: type[OrchatError]):
    error = kind("It failed.", advice="Do this.")
    if isinstance(error, OpenRouterError):
        error.status, error.partial_text, error.reply = 402, "Par", Reply(id="gen-1")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin), twin.advice) == (kind, "It failed.", "Do this.")
        if isinstance(twin, OpenRouterError):
            assert (twin.status, twin.partial_text, twin.reply.id) == (402, "Par", "gen-1")


def test_the_text_of_an_error_is_its_message():
    assert str(OpenRouterError("It failed.", status=500)) == "It failed."


def test_a_rate_limit_says_how_long_to_wait():
    assert "Wait 7 s" in RateLimitedError("Slow down.", retry_after=7.2).advice
    assert "Wait a moment" in RateLimitedError("Slow down.").advice
    assert RateLimitedError("Slow down.", retry_after=7.2, advice="Go home.").advice == "Go home."


def test_a_daily_limit_does_not_ask_to_wait_seconds():
    assert "midnight UTC" in errors.DailyFreeLimitError("Enough.", retry_after=40000.0).advice
