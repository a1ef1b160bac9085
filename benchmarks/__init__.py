"""Measurements beside named peers: `make bench`, or `python benchmarks/run.py --help`."""
