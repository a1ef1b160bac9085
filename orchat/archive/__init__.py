"""Conversations taken out and brought in: export, import from several applications, backup and restore."""

from orchat.archive.exporting import as_html, as_json, as_markdown
from orchat.archive.importing import import_file

__all__ = ["as_html", "as_json", "as_markdown", "import_file"]
