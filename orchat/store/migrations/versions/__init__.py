"""The scripts, oldest first. Each is frozen once released: it names its own types and imports nothing of orchat."""
