"""How much of anything a full text may have; ``docs/full-texts.md`` holds the same table."""

from __future__ import annotations

MEGABYTE = 1_000_000

FETCHED_BYTES = {"html": 16 * MEGABYTE, "latex": 32 * MEGABYTE, "pdf": 32 * MEGABYTE}
"""A file as it comes over the wire."""

MEMORY_BYTES = 1_024 * MEGABYTE
"""Address space of the process that parses."""
CPU_SECONDS = 40
"""Processor time for one file."""
WALL_SECONDS = 60.0
"""Time for one file by the clock, the start of the process included."""
REPLY_BYTES = 16 * MEGABYTE
"""What the process may answer with."""

SECTIONS = 400
"""Sections, tables and captions of one paper."""
SECTION_CHARACTERS = 400_000
CHARACTERS = 2_000_000
"""All sections together."""
TITLE_CHARACTERS = 300
CONCEALED_SNIPPETS = 40
CONCEALED_CHARACTERS = 500
"""How many pieces of hidden text are checked for instructions, and how much of each."""

NESTING = 200
"""Elements within elements of a page; also braces and environments of a source."""

ARCHIVE_MEMBERS = 2_000
ARCHIVE_BYTES = 128 * MEGABYTE
"""All files of an e-print, unpacked."""
MEMBER_BYTES = 64 * MEGABYTE
ARCHIVE_RATIO = 200
"""Unpacked by packed bytes, once more than a megabyte was unpacked."""
PATH_CHARACTERS = 200
PATH_DEPTH = 10
INPUTS = 200
"""Files that a source may take in by ``\\input`` and the like."""
INPUT_DEPTH = 10
SOURCE_CHARACTERS = 4_000_000
"""A LaTeX source with all that it takes in, and again once its own macros are expanded."""
MACROS = 1_000
"""Macros of a paper's own that are expanded."""
EXPANSIONS = 50_000

PDF_PAGES = 300
PDF_STREAM_BYTES = 48 * MEGABYTE
"""One decompressed stream of a PDF."""
PDF_OPERATIONS = 1_000_000
"""Operations of one page's content."""
PDF_OUTLINE = 2_000
