"""The entry: `streamlit run streamlit_app.py`. The frame of every page, and the chat."""

from orchat.hosting.uploads import keep_in_memory
from orchat.ui import frame

keep_in_memory()
frame.run()
