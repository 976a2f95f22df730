"""The preview server answers as a static host does."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.website.serve import make_server
from tests.website.engine.world import World, command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAIN = 'publish:\n  beside:\n    - "manifest"\n    - "data"\n    - "reports"\n'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A built site and where it is served."""
    world = World(tmp_path / "registry", 1)
    with (world.root / "manifests" / "registry.yaml").open("a", encoding="utf-8") as registry:
        registry.write(PLAIN)
    world.build()
    with make_server(world.output, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield world, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _get(address: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=10) as reply:  # noqa: S310 - loopback
            return reply.status, reply.headers["Content-Type"], reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


def test_types(site: tuple[World, str]) -> None:
    """Each kind of file has its own content type."""
    world, base = site
    record = f"{base}/records/{world.ids()[0]}"
    assert _get(f"{record}/")[:2] == (200, "text/html; charset=utf-8")
    assert _get(f"{record}/bundle.zip")[:2] == (200, "application/zip")
    assert _get(f"{record}/manifest.yaml")[:2] == (200, "application/yaml; charset=utf-8")
    assert _get(f"{record}/record.json")[:2] == (200, "application/json")
    assert _get(f"{base}/feed.atom")[1] == "application/atom+xml; charset=utf-8"
    assert _get(f"{record}/artifacts/report.md")[1] == "text/markdown; charset=utf-8"


def test_what_is_not_there(site: tuple[World, str]) -> None:
    """A missing page, a folder without an index and a path that climbs out get the 404 page."""
    world, base = site
    page = (world.output / "404.html").read_bytes()
    for path in ("/nothing", "/static/", "/../publishconf.py", "/%2e%2e/publishconf.py"):
        assert _get(base + path) == (404, "text/html; charset=utf-8", page)


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    """Interrupted, it ends without a traceback and with its address announced."""
    world = World(tmp_path / "registry", 1)
    world.build()
    script = (
        "import functools, pathlib, signal, sys; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "  # ignored in the background
        "from sovereign_registry.website.serve import serve; "
        "serve(pathlib.Path(sys.argv[1]), 0, functools.partial(print, flush=True))"
    )
    process = command("-c", script, str(world.output), cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(2)
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
