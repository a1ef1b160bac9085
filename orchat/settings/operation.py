"""Operation: limits, metrics and logs of a process."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from orchat.choices import LogFormat, known_level
from orchat.settings.field import setting


class Operation(BaseSettings):
    """Limits, metrics and logs of a process."""

    metrics_token: SecretStr | None = setting(
        "ORCHAT_METRICS_TOKEN",
        None,
        "What Prometheus has to send as bearer token to read `/metrics`. Without it only this machine may.",
    )
    runs_at_once: Annotated[int, Field(gt=0)] = setting(
        "ORCHAT_RUNS_AT_ONCE",
        200,
        "How many answers run at once, in all processes that share a PostgreSQL; more wait in a fair queue.",
        changeable="Answers at once",
    )
    runs_each: Annotated[int, Field(gt=0)] = setting(
        "ORCHAT_RUNS_EACH",
        8,
        "How many of them one person may have at once.",
        changeable="Answers at once for one person",
    )
    asks_per_minute: Annotated[int, Field(ge=0)] = setting(
        "ORCHAT_ASKS_PER_MINUTE",
        0,
        "How often one person may ask, run a cell or add documents within a minute, in all processes; 0: no limit.",
        changeable="Questions a minute for one person",
    )
    otlp_endpoint: str | None = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        "Where traces go: an OpenTelemetry collector's base address (http://collector:4318). No words are in them.",
    )
    log_format: LogFormat = setting(
        "ORCHAT_LOG_FORMAT", LogFormat.TEXT, "How it is logged: `text`, or `json` with one object a line."
    )
    log_level: Annotated[str, AfterValidator(known_level)] = setting(
        "ORCHAT_LOG_LEVEL", "WARNING", "How much is logged: DEBUG, INFO, WARNING or ERROR."
    )
