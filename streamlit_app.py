"""The entry: `streamlit run streamlit_app.py`. The frame of every page, and the chat."""

from orchat.ui import frame

frame.run()
