"""Storage: what is kept where, and how documents are found."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from orchat.settings.field import setting


class Storage(BaseSettings):
    """What is kept where, and how documents are found."""

    data_dir: Path = setting(
        "ORCHAT_DATA_DIR", None, "The folder for everything orchat keeps. Default: the user's data folder."
    )
    database_url: SecretStr | None = setting(
        "ORCHAT_DATABASE_URL",
        None,
        "A PostgreSQL address (postgresql+psycopg://…) instead of SQLite in the data folder.",
    )
    quota: Annotated[int, Field(ge=0)] = setting(
        "ORCHAT_QUOTA",
        0,
        "How many MB one person may keep: files, documents and what their code has written; 0: no limit.",
        changeable="MB that one person may keep",
    )
    temporary_memory: Annotated[int, Field(ge=0)] = setting(
        "ORCHAT_TEMPORARY_MEMORY",
        512,
        "How many MB of memory all temporary chats of one process may take, files among them; 0: no limit.",
        changeable="MB of memory for temporary chats",
    )
    retention_days: Annotated[int, Field(ge=0)] = setting(
        "ORCHAT_RETENTION_DAYS",
        0,
        "After how many days without a new message a chat is deleted for good; 0: never. A new or smaller number "
        "deletes nothing for a day: what is due is shown under *Administration*, *Storage*.",
    )
    embeddings: str = setting(
        "ORCHAT_EMBEDDINGS",
        "local",
        "What finds documents by meaning: `local` (a model on this machine, if it is installed), `off` (words alone), "
        "or an embedding model of OpenRouter's: documents are sent to it then, always with zero data retention.",
    )
    scans: str = setting(
        "ORCHAT_SCANS",
        "",
        "A model of OpenRouter's through which scans on the files page are read: their pages are sent to its file "
        "parser (mistral-ocr, $2 for 1,000 pages), which zero data retention does not cover. Empty: they are not read.",
    )
    reranker: str = setting("ORCHAT_RERANKER", "", "A rerank model of OpenRouter's for what is found, always with ZDR.")

    @field_validator("data_dir", mode="before")
    @classmethod
    def _expand(cls, value: str | Path | None) -> Path:
        if "?" in str(value):
            raise ValueError("a folder for the database may have no question mark in its name")
        try:
            return Path(value).expanduser() if value else user_data_path("orchat", appauthor=False)
        except RuntimeError:
            raise ValueError("there is no home folder of that name") from None

    @cached_property
    def store_url(self) -> str:
        """The address of the database."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'orchat.db').absolute()}"

    @property
    def documents_url(self) -> str | None:
        """The address of the PostgreSQL that keeps documents; None where they are files in the data folder."""
        # A file of SQLite may be named as well, in another place than the data folder.
        url = self.database_url.get_secret_value() if self.database_url else ""
        return url if url and not url.startswith("sqlite") else None

    @property
    def workspaces(self) -> Path:
        """The folder in which each conversation's code has its files."""
        return self.data_dir / "workspaces"
