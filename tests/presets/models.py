"""Models as the catalogue lists them."""

from typing import Any

from orchat.openrouter import Model


def model(*parameters: str, **entry: Any) -> Model:
    return Model.from_wire({"id": "acme/one", "name": "Acme: One", "supported_parameters": list(parameters), **entry})


def reasoning(**known: Any) -> Model:
    return model("reasoning", "max_tokens", reasoning=known)
