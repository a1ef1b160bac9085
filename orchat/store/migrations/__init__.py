"""How the schema came to be, one script for each version."""
