"""The agent: a model with tools."""

from orchat.ui import frame

if frame.entered():
    from orchat.ui import agent_page

    agent_page.PAGE.draw()
