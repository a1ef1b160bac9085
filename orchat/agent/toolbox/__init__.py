"""The toolbox: plugins found in folders and in installed packages, and the tools that they bring."""

from orchat.agent.toolbox.loading import Loaded, Problem
from orchat.agent.toolbox.reading import LoadedPlugin
from orchat.agent.toolbox.toolbox import ReadyTool, Toolbox

__all__ = ["Loaded", "LoadedPlugin", "Problem", "ReadyTool", "Toolbox"]
