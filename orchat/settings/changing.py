"""Changing: settings that hold in place of what the environment says, checked as it is."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from orchat.errors import SettingsError
from orchat.settings.settings import Settings


def changeable() -> dict[str, FieldInfo]:
    """Return the settings that operators may set while orchat runs, by name."""
    return {name: field for name, field in Settings.model_fields.items() if label(field)}


def label(field: FieldInfo) -> str | None:
    """Return what a setting is called on the page; None if it is not there."""
    extra = field.json_schema_extra
    found = extra.get("changeable") if isinstance(extra, dict) else None
    return str(found) if found else None


def variable(field: FieldInfo) -> str:
    """Return the environment variable of a setting."""
    alias: Any = field.validation_alias
    return str(alias.choices[0])


def checked(name: str, value: Any) -> Any:
    """Return a value for a setting as it is kept, in JSON; what has no text is the setting's default.

    Raises:
        SettingsError: nobody may change this one, or not to that.
    """
    field = changeable().get(name)
    if field is None:
        raise SettingsError(f"{name} cannot be changed while orchat runs.", advice="Set it where orchat is started.")
    kind: TypeAdapter[Any] = TypeAdapter(_annotated(field))
    try:
        valid = field.get_default() if value in ("", None) else kind.validate_python(value)
    except ValidationError as error:
        said = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        raise SettingsError(
            f"{label(field)}: {said}.", advice="Nothing was changed. Correct it and save again."
        ) from None
    return kind.dump_python(valid, mode="json")


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Return the settings with other values in place of some.

    Raises:
        SettingsError: one of them may not be changed, or not to that.
    """
    if not values:
        return settings
    kept = {name: checked(name, value) for name, value in values.items()}
    fields = type(settings).model_fields
    valid = {name: TypeAdapter(_annotated(fields[name])).validate_python(value) for name, value in kept.items()}
    # As a copy: to read the settings anew would ask the environment, which nobody has checked since the start.
    return settings.model_copy(update=valid)


def _annotated(field: FieldInfo) -> Any:
    """Return a field's type with what is demanded of it."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
