"""The least that can be chatted with: a title and the box to write in."""

import streamlit as st

st.title("Hello")
st.chat_input("Write a message")
