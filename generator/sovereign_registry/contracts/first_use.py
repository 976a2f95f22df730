"""Record types are looked at before threads use them.

msgspec builds what it knows of a type at its first use, and marks it as built before it is: two
threads that come first together end the whole process with a segmentation fault.  Measured with
0.22: 27 of 40 processes of four threads, and none where the type was looked at first.  So a module
whose records are read in threads looks at their types when it is imported.
"""

from __future__ import annotations

from typing import Any

import msgspec


def look_at(*kinds: Any) -> None:  # noqa: ANN401 - any type that a decoder takes
    """Build all that decoding and conversion know of these types and of those within them."""
    for kind in kinds:
        msgspec.json.Decoder(kind)
