"""The sandbox: Python that a model wrote, run with its state kept, and kept away from everything else."""

from orchat.sandbox.async_sandbox import AsyncSandbox
from orchat.sandbox.choice import available, engine_for
from orchat.sandbox.collector import Kind, OnOutput
from orchat.sandbox.limits import Limits
from orchat.sandbox.pool import Pool
from orchat.sandbox.report import Finding, Report
from orchat.sandbox.result import CellError, Output, Result
from orchat.sandbox.sandbox import Sandbox
from orchat.sandbox.workspace import Workspace, safe_name

__all__ = [
    "AsyncSandbox",
    "CellError",
    "Finding",
    "Kind",
    "Limits",
    "OnOutput",
    "Output",
    "Pool",
    "Report",
    "Result",
    "Sandbox",
    "Workspace",
    "available",
    "engine_for",
    "safe_name",
]
