"""Presets: what goes with every question of a chat: system prompt, parameters, the form of the answer."""
