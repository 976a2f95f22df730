"""Floor 1: reads and writes what is published (``manifests/``) and what waits (``.sovereign/``).

The pipeline never imports this room.  Published files are written once and never changed.
"""

from sovereign_registry.store.queue import Queue
from sovereign_registry.store.registry import Registry

__all__ = ["Queue", "Registry"]
