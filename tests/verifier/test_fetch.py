"""A site at an address: bounded, one origin, no redirect off it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.verifier import fetch
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.verifier.files import FolderFiles, SiteFault
from sovereign_registry.verifier.verify import Known, verify_site
from tests.verifier.sites import WITH_HISTORY, faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.verifier.conftest import Published

Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(
    files: Mapping[str, bytes], special: Mapping[str, Reply] | None = None
) -> Iterator[str]:
    """Serve files below /registry/ on this machine; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.removeprefix("/registry/")
            status, headers, body = (special or {}).get(name) or (
                (200, {}, files[name]) if name in files else (404, {}, b"none")
            )
            self.send_response(status)
            for key, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # so that closing it waits for its connections

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/registry"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_site_is_checked_from_its_address(published: Published) -> None:
    """With the same outcome as from its files, and the log found without any listing."""
    with serving(published.now) as address:
        remote = RemoteFiles(address)
        kept = Known(checkpoint=(published.before["log/checkpoint"], "kept"))
        report = verify_site(remote, known=kept)
        one = verify_site(remote, record=WITH_HISTORY)
        remote.close()
    assert "" == faults(report)
    assert 4 == report.records
    assert report.files >= len(published.now)
    assert "" == faults(one)
    assert one.bytes < report.bytes


def test_a_changed_site_is_found_from_its_address(published: Published) -> None:
    """The file is named as below the site's root."""
    path = f"records/{WITH_HISTORY}/index.html"
    with serving(published.now | {path: b"<html>forged</html>"}) as address:
        remote = RemoteFiles(address)
        report = verify_site(remote)
        remote.close()
    assert {path} == {found.where for found in report.faults}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((302, {"Location": "http://other.example/feed.atom"}, b""), "redirected off the site"),
        ((302, {"Location": "/elsewhere/feed.atom"}, b""), "redirected off the site"),
        ((302, {"Location": "feed.atom"}, b""), "over and over"),
        ((500, {}, b"no"), "answers 500"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "compressed"),
        ((200, {"Content-Length": "900"}, b"x"), "cannot be fetched"),
    ],
)
def test_what_a_server_may_not_do_ends_the_check(reply: Reply, said: str) -> None:
    """It is one clear error that names the file."""
    headers = reply[1] | {"Connection": "close"}
    with serving({}, {"feed.atom": (reply[0], headers, reply[2])}) as address:
        remote = RemoteFiles(address, timeout=0.5)
        with pytest.raises(SiteFault, match=said) as found:
            remote.find("feed.atom")
        remote.close()
    assert "feed.atom" in str(found.value)


def test_a_redirect_within_the_site_is_followed() -> None:
    """As a host does that moves a page below its folder."""
    moved = {"a": (301, {"Location": "b"}, b"")}
    with serving({"b": b"here"}, moved) as address:
        remote = RemoteFiles(address)
        assert b"here" == remote.find("a")
        assert None is remote.find("c")
        remote.close()


def test_a_file_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit of one file."""
    monkeypatch.setattr(fetch, "MAX_FILE", 100_000)
    with serving({"big": bytes(300_000)}) as address:
        remote = RemoteFiles(address)
        with pytest.raises(SiteFault, match="more, or comes more slowly"):
            remote.find("big")
        remote.close()


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x.org/",
        "https://",
        "https://me:secret@x.org/",
        "https://x.org/?q=1",
        "https://x:99999/",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """As wrong usage."""
    with pytest.raises(UsageError):
        RemoteFiles(address)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a//b", "a/./b", ""])
def test_no_path_leads_out_of_the_site(path: str, tmp_path: Path) -> None:
    """Neither at an address nor in a folder."""
    for files in (RemoteFiles("https://example.org/x/"), FolderFiles(tmp_path)):
        with pytest.raises(SiteFault):
            files.find(path)


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    """It is named, not read."""
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").symlink_to(tmp_path / "secret")
    with pytest.raises(SiteFault, match=r"index\.html"):
        FolderFiles(tmp_path / "site").find("index.html")
