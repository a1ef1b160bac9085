"""`python benchmarks/run.py`: measure orchat beside its peers; `--help` lists what."""

import runpy
import sys
from pathlib import Path

# Python looks for modules beside the script that it is given; ours lie in the root of the project.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
runpy.run_module("benchmarks", run_name="__main__")
