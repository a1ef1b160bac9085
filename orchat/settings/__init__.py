"""Settings: the only reader of the environment, of `.env` and of Streamlit's `secrets.toml`."""

from orchat.settings.changing import changeable, changed
from orchat.settings.settings import Settings

__all__ = ["Settings", "changeable", "changed"]
