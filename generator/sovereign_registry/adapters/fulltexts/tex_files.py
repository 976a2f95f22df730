"""One text out of the files of an e-print: the main file with all that it takes in.

Nothing is run and no file of the machine is opened: a name that is not in the archive is noted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sovereign_registry.adapters.fulltexts import limits
from sovereign_registry.adapters.fulltexts.parsed import Unreadable
from sovereign_registry.adapters.fulltexts.tex_tokens import (
    group,
    without_comments,
    without_switched_off,
    without_verbatim,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.adapters.fulltexts.parsed import Findings

_CLASS = re.compile(r"\\document(?:class|style)\s*(?:\[[^\]]*\])?\s*\{([^}]*)\}")
_BEGIN = re.compile(r"\\begin\s*\{document\}")
_PART_CLASSES = frozenset({"standalone", "subfiles", "subfile"})
_USUAL = ("main", "ms", "paper", "article", "manuscript", "arxiv", "root", "template")
_INPUT = re.compile(
    r"\\(?P<name>input|include|subfile|subfileinclude|@@input)(?![a-zA-Z])\s*"
    r"(?:(?P<brace>\{)|(?P<bare>[^\s{}\\%]+))"
    r"|\\(?P<import>import|subimport|inputfrom|includefrom)\*?\s*(?=\{)"
)
_COMMANDS = (
    (re.compile(r"\\write\s*18(?!\d)"), "\\write18 (a command of the machine)"),
    (re.compile(r"\\(?:ShellEscape|DelayedShellEscape)(?![a-zA-Z])"), "a command of the machine"),
    (re.compile(r"\\(?:directlua|latelua|luaexec|luadirect)(?![a-zA-Z])"), "a program in Lua"),
    (re.compile(r"\\openin(?![a-zA-Z])"), "\\openin (a file of the machine)"),
    (re.compile(r"\\(?:openout|pdffiledump|file_get:nnN)(?![a-zA-Z])"), "a file of the machine"),
    (re.compile(r"\\(?:input|include|@@input)\s*\{?\s*\"?\|"), "\\input of a command's output"),
)
_PLAIN_TEX = re.compile(r"\\(?:bye|magnification|input\s+amstex)(?![a-zA-Z])")


def main_file(files: Mapping[str, bytes]) -> str:
    """The file that declares the document's class; of several the most usual name, then the size.

    Raises:
        Unreadable: there is none.
    """
    found: list[tuple[bool, bool, bool, int, int, str]] = []
    for name, data in files.items():
        if name.lower().endswith((".sty", ".cls", ".bbl")):
            continue
        text, _ = without_comments(_decoded(data)[: limits.SOURCE_CHARACTERS])
        declared = _CLASS.search(text)
        if declared is None:
            continue
        stem = name.rpartition("/")[2].rpartition(".")[0].lower()
        part = declared[1].strip() in _PART_CLASSES
        whole = bool(_BEGIN.search(text))
        found.append((part, not whole, stem not in _USUAL, name.count("/"), -len(data), name))
    if not found:
        plain = any(_PLAIN_TEX.search(_decoded(data)) for data in files.values())
        raise Unreadable(
            "the source is plain TeX, not LaTeX" if plain else "no file declares a document class"
        )
    return min(found)[-1]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Source:
    """Takes in the files of one e-print.

    Args:
        files: By path.
        findings: Told of comments, switched-off parts, missing files and commands.
    """

    def __init__(self, files: Mapping[str, bytes], findings: Findings) -> None:
        self._files = files
        self._findings = findings
        self._inputs = 0
        self._characters = 0

    def whole(self, name: str) -> str:
        """The text of a file with all that it takes in, without comments and listings.

        Raises:
            Unreadable: more files, a deeper nesting or more text than the limits allow.
        """
        return self._read(name, name.rpartition("/")[0], (name,))

    def _read(self, name: str, folder: str, stack: tuple[str, ...]) -> str:
        text = _decoded(self._files[name]).replace("\r\n", "\n").replace("\r", "\n")
        text, listings = without_verbatim(text)
        for listing in listings:
            self._findings.unread("a listing of code", listing)
        text, comments = without_comments(text)
        for comment in comments:
            self._findings.comment(comment)
        text, dropped = without_switched_off(text)
        for part in dropped:
            self._findings.unread("a part that is switched off", part)
            self._findings.comment(part)
        for pattern, what in _COMMANDS:
            for _ in pattern.finditer(text):
                self._findings.command(what)
        self._characters += len(text)
        if self._characters > limits.SOURCE_CHARACTERS:
            raise Unreadable(f"more than {limits.SOURCE_CHARACTERS:,} characters of source")
        return self._with_inputs(text, folder, stack)

    def _with_inputs(self, text: str, folder: str, stack: tuple[str, ...]) -> str:
        kept: list[str] = []
        at = 0
        while (match := _INPUT.search(text, at)) is not None:
            kept.append(text[at : match.start()])
            wanted, base, at = self._wanted(text, match, folder)
            kept.append(self._taken_in(wanted, base, stack) if wanted else " ")
        kept.append(text[at:])
        return "".join(kept)

    @staticmethod
    def _wanted(text: str, match: re.Match[str], folder: str) -> tuple[str, str, int]:
        """The name asked for, the folder that it is relative to, and where the command ends."""
        if match["import"]:
            first = group(text, match.end())
            second = group(text, first[1]) if first else None
            if first is None or second is None:
                return "", folder, match.end()
            return second[0].strip(), f"{folder}/{first[0].strip()}".strip("/"), second[1]
        if match["bare"]:
            return match["bare"], folder, match.end()
        braced = group(text, match.end() - 1)
        return (braced[0].strip(), folder, braced[1]) if braced else ("", folder, match.end())

    def _taken_in(self, wanted: str, folder: str, stack: tuple[str, ...]) -> str:
        name = wanted.strip('" ')
        if "|" in name:
            return " "  # noted already as a command
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if name.startswith(("/", "~", "\\")) or ".." in parts or ":" in name:
            self._findings.command("\\input of a file outside the e-print")
            return " "
        held = next(
            (
                path
                for base in dict.fromkeys((folder, ""))
                for ending in ("", ".tex", ".ltx")
                if (path := "/".join([*filter(None, base.split("/")), *parts]) + ending)
                in self._files
            ),
            None,
        )
        if held is None:
            self._findings.unread("a file that the e-print lacks")
            return " "
        if held.lower().endswith(".bbl"):
            return " "
        if held in stack:
            self._findings.unread("a file that takes in itself")
            return " "
        self._inputs += 1
        if self._inputs > limits.INPUTS or len(stack) > limits.INPUT_DEPTH:
            raise Unreadable("the source takes in more files than it may")
        return self._read(held, folder, (*stack, held))
