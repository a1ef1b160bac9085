"""Binding: what LangChain makes of a model to carry parameters, so that privacy can be added and never taken away.

LangChain lets a later parameter replace an earlier one. Zero data retention that is bound therefore becomes the model's
own, however many wrappers are between the two.
"""

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables import Runnable, RunnableBinding, RunnableWithFallbacks
from langchain_core.runnables.base import RunnableBindingBase
from langchain_core.runnables.retry import RunnableRetry

from orchat.agent.openrouter.parameters import wants_zdr


class StaysPrivate(Runnable[Any, Any]):
    """A runnable whose wrappers keep to what this module promises. A mixin: it stands before LangChain's class."""

    def bind(self, **kwargs: Any) -> Any:
        """Return it with parameters for its calls."""
        return PrivateBinding(bound=self, kwargs=kwargs, config={})

    def with_config(self, *args: Any, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_config(*args, **kwargs))

    def with_listeners(self, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_listeners(**kwargs))

    def with_alisteners(self, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_alisteners(**kwargs))

    def with_types(self, *args: Any, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_types(*args, **kwargs))

    def with_retry(self, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_retry(**kwargs))

    def with_fallbacks(self, *args: Any, **kwargs: Any) -> Any:
        """As LangChain's."""
        return adopted(super().with_fallbacks(*args, **kwargs))


class PrivateBinding(StaysPrivate, RunnableBinding[Any, Any]):
    """Parameters bound to a model, or to what was made of one."""

    def __init__(self, *, bound: Any, kwargs: Mapping[str, Any] | None = None, **others: Any) -> None:
        if wants_zdr(kwargs):
            bound = made_private(bound)
        super().__init__(bound=bound, kwargs=kwargs or {}, **others)

    def bind(self, **kwargs: Any) -> Any:
        """Return it with more parameters."""
        return adopted(RunnableBinding.bind(self, **kwargs))

    @classmethod
    def lc_id(cls) -> list[str]:
        """Return LangChain's own name for it: it is stored and loaded as such."""
        return RunnableBinding.lc_id()


class PrivateRetry(StaysPrivate, RunnableRetry[Any, Any]):
    """A model that is asked again after some errors."""


class PrivateWithFallbacks(StaysPrivate, RunnableWithFallbacks[Any, Any]):
    """A model with others that stand in for it."""


OURS: dict[type[Any], type[Any]] = {
    RunnableBinding: PrivateBinding,
    RunnableRetry: PrivateRetry,
    RunnableWithFallbacks: PrivateWithFallbacks,
}


def adopted(wrapper: Any) -> Any:
    """Return one of LangChain's wrappers as the one of ours that stands for it."""
    kind = next((ours for theirs, ours in OURS.items() if isinstance(wrapper, theirs)), None)
    if kind is None or isinstance(wrapper, StaysPrivate):
        return wrapper
    return kind(**{name: getattr(wrapper, name) for name in type(wrapper).model_fields})


def made_private(runnable: Any) -> Any:
    """Return a model, or what was made of one, with zero data retention as its own."""
    # Not `hasattr`: wrappers answer for what they wrap.
    if "zdr" in getattr(type(runnable), "model_fields", ()):
        return runnable if runnable.zdr else runnable.model_copy(update={"zdr": True})
    if isinstance(runnable, RunnableBindingBase):
        return runnable.model_copy(update={"bound": made_private(runnable.bound)})
    if isinstance(runnable, RunnableWithFallbacks):
        others = [made_private(other) for other in runnable.fallbacks]
        return runnable.model_copy(update={"runnable": made_private(runnable.runnable), "fallbacks": others})
    return runnable
