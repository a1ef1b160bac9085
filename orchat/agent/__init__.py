"""The agent: ChatOpenRouter, the tools that people drop in, and the turn that uses both.

LangChain is imported at the first use of what needs it: it would double the time to the first page.
"""
