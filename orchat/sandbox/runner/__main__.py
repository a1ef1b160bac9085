"""Starts the runner as a package of its own: `python -I runner [FD]`."""

import sys
from importlib import import_module
from os import path

if __name__ == "__main__":
    # The folder is on the path only until its modules are loaded: user code has module names of its own.
    folder, package = path.split(sys.path[0])
    sys.path[0] = folder
    main = import_module(f"{package}.start").main
    sys.path.pop(0)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
