"""The tools whose output enters a record, with versions: part of the record's id."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from sovereign_registry import __version__
from sovereign_registry.contracts.config import PIPELINE_VERSION
from sovereign_registry.contracts.manifest import ToolVersion

if TYPE_CHECKING:
    from sovereign_registry.contracts.ports import Tool
    from sovereign_registry.pipeline.ports import Ports

MEANING = "the semantic index, the order of papers, and a second signal for claims"


def tools_of(ports: Ports) -> tuple[ToolVersion, ...]:
    """All tools of a run, sorted by name and version."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    tools = [
        ToolVersion(name="sovereign-registry", version=__version__, used_for="the whole run"),
        ToolVersion(name="pipeline", version=PIPELINE_VERSION, used_for="the rules of every step"),
        ToolVersion(name="Python", version=python, used_for="running everything"),
        ToolVersion(
            name="scikit-learn",
            version=version("scikit-learn"),
            used_for="TF-IDF vectors of the lexical test",
        ),
        ToolVersion(
            name="snowballstemmer",
            version=version("snowballstemmer"),
            used_for="comparing words for question coverage",
        ),
        _tool(ports.search, "searching papers"),
        _tool(ports.reader, "reading texts"),
        _tool(ports.splitter, "splitting sentences"),
        _tool(ports.meaning or ports.embedder, MEANING if ports.meaning else "the semantic index"),
        _tool(ports.reviewer, "the tribunal"),
    ]
    if ports.texts:
        tools.append(_tool(ports.texts, "reading full texts"))
    if ports.control:
        tools.append(_tool(ports.control, "the control beside the tribunal"))
    if ports.extractor:
        tools.append(_tool(ports.extractor, "choosing claims"))
    if ports.printer:
        tools.append(_tool(ports.printer, "printing the report"))
    return tuple(sorted(tools, key=lambda tool: (tool.name, tool.version, tool.used_for)))


def _tool(port: Tool, used_for: str) -> ToolVersion:
    return ToolVersion(name=port.name, version=port.version, used_for=used_for)
