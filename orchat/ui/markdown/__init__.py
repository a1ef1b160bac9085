"""Model text made safe, translated and cut into blocks for Streamlit's Markdown. Imports no streamlit."""

from orchat.ui.markdown.citations import badges_in, without_open_citation
from orchat.ui.markdown.closing import closed
from orchat.ui.markdown.dialect import presentable
from orchat.ui.markdown.splitter import BlockSplitter, blocks

__all__ = ["BlockSplitter", "badges_in", "blocks", "closed", "presentable", "without_open_citation"]
