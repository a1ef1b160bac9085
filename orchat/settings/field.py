"""A field of the settings: its variable, its default and what it means; and lists as they stand in a variable."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic.config import JsonDict
from pydantic_settings import NoDecode


def setting(name: str, default: Any, description: str, *, secret: bool = False, changeable: str | None = None) -> Any:
    """Declare a setting that is read from the variable `name`; a `secret` one is left out of what is shown.

    `changeable` is its name on the page where operators may set it while orchat runs. Secrets, places and what decides
    who may come in are none of these: whoever has an operator's session must not get further with it.
    """
    extra: JsonDict | None = {"changeable": changeable} if changeable else None
    alias = AliasChoices(name)
    return Field(default, validation_alias=alias, description=description, repr=not secret, json_schema_extra=extra)


def _by_commas(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _by_path_separators(value: Any) -> Any:
    return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_by_commas)]
PathSeparated = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_by_path_separators)]
