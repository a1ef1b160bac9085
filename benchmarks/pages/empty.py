"""A script that does nothing, as Streamlit runs it."""
