"""A field of the settings: its variable, its default and what it means; and lists as they stand in a variable."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_settings import NoDecode


def setting(name: str, default: Any, description: str, *, secret: bool = False) -> Any:
    """Declare a setting that is read from the variable `name`; a `secret` one is left out of what is shown."""
    return Field(default, validation_alias=AliasChoices(name), description=description, repr=not secret)


def _by_commas(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _by_path_separators(value: Any) -> Any:
    return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_by_commas)]
PathSeparated = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_by_path_separators)]
