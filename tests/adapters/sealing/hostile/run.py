"""Runs one attack inside the seal: ``run.py MODULE NAME WORLD``, with WORLD as JSON.

The last line of standard output says as JSON whether it got through, and what it saw.
"""

from __future__ import annotations

import errno
import importlib
import json
import sys


def main() -> None:
    """Run the attack; whatever stops it, it has then not got through."""
    module, name, world = sys.argv[1:]
    try:
        through, seen = getattr(importlib.import_module(module), name)(json.loads(world))
    except Exception as error:
        number = errno.errorcode.get(getattr(error, "errno", None) or 0, "")
        through, seen = False, f"{type(error).__name__} {number} {error}"
    sys.stdout.write("\n" + json.dumps({"through": through, "seen": seen}) + "\n")


if __name__ == "__main__":
    main()
