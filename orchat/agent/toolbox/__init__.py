"""The toolbox: plugins found in folders and in installed packages, and the tools that they bring."""

from orchat.agent.toolbox.loading import Loaded, Problem
from orchat.agent.toolbox.toolbox import LoadedPlugin, ReadyTool, Toolbox

__all__ = ["Loaded", "LoadedPlugin", "Problem", "ReadyTool", "Toolbox"]
