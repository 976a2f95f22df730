"""Words of errors, Retry-After, addresses and keys: pure functions, hostile input."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.models import protocol
from sovereign_registry.adapters.models.address import address_of, is_nvidia, require_safe
from sovereign_registry.adapters.models.failures import retry_after, words_of
from sovereign_registry.adapters.models.secret import Secret, redacted
from sovereign_registry.contracts.errors import ModelFailure, UsageError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": 429, "title": "Too Many Requests"}, "Too Many Requests"),
        ({"title": "Gone", "detail": "end of life"}, "Gone: end of life"),
        ({"error": {"message": "no model", "type": "x", "code": "y"}}, "no model"),
        ({"error": "model not found"}, "model not found"),
        ({"object": "error", "message": "too long", "code": 400}, "too long"),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required"),
        ({"error": {}}, ""),
        ({"status": 500}, ""),
        ([], ""),
        ("plain", "plain"),
    ],
)
def test_every_usual_shape_of_an_error_is_read(body: object, words: str) -> None:
    """Problem JSON, OpenAI's object, a bare string, and what frameworks say."""
    assert words == words_of(json.dumps(body).encode(), None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><title>502 Bad Gateway</title>", "an HTML page, '502 Bad Gateway'"),
        (b"<html><script>x</script>", ""),
        (b"upstream  timed\r\nout\x1b[31m", "upstream timed out [31m"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 299 + "\u2026"),
        (b"", ""),
    ],
)
def test_what_is_no_json_is_shown_on_one_printable_line(body: bytes, words: str) -> None:
    """A proxy's page by its title, other words cleaned and cut."""
    assert words == words_of(body, None)


@given(st.binary(max_size=2000), st.sampled_from(["a-key-of-tests", "k"]))
def test_no_body_breaks_the_reader_or_shows_the_key(body: bytes, key: str) -> None:
    """One line of at most 300 characters, printable, without the key."""
    words = words_of(body + b" a-key-of-tests", Secret(key))
    assert len(words) <= 300
    assert words.isprintable()
    assert "a-key-of-tests" not in words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("", 0.0),
        ("-5", 0.0),
        ("1e9", 0.0),
        ("soon", 0.0),
        ("9" * 400, 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sun, 99 Mar 2026 12:00:30 GMT", 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, seconds: float) -> None:
    """Seconds or an HTTP date; nonsense and the past ask for nothing."""
    assert seconds == retry_after(text, NOW)


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_reader(text: str) -> None:
    """Whatever a server sends, it is a wait of at least nothing."""
    assert retry_after(text, NOW) >= 0


@given(st.binary(max_size=500))
def test_no_reply_breaks_the_protocol_reader(body: bytes) -> None:
    """Anything but a reply is MALFORMED, in both forms."""
    for read in (
        lambda: protocol.read_chat(body, "here"),
        lambda: protocol.read_embeddings(body, 1, "here"),
    ):
        with pytest.raises(ModelFailure):
            read()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "data", "embedding", "index", "usage"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_no_shape_breaks_the_protocol_reader(value: object) -> None:
    """Replies of the right words in the wrong places are read or refused, nothing else."""
    body = json.dumps(value).encode()
    for texts in (1, 2):
        try:
            protocol.read_embeddings(body, texts, "here")
        except ModelFailure as failure:
            assert failure.fault == "malformed reply"  # noqa: PT017 - either outcome is right
    try:
        protocol.read_chat(body, "here")
    except ModelFailure as failure:
        assert failure.fault == "malformed reply"  # noqa: PT017


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000/v1",
        "ftp://host/v1",
        "file:///etc/passwd",
        "http://",
        "https://user:pass-word@host/v1",
        "https://host/v1?key=pass-word",
        "https://host/v1#pass-word",
        "https://host:99999999/v1",
        "https://ho st/v1",
        "http://[::1/v1",
        "http://-host/v1",
        "http://h\xf6st/v1",
    ],
)
def test_unfit_addresses_are_refused_without_their_passwords(url: str) -> None:
    """Host and path only, http or https."""
    with pytest.raises(UsageError) as caught:
        address_of(url)
    assert "pass-word" not in str(caught.value)


def test_addresses_are_read() -> None:
    """Base, host and where it leads."""
    here, there = (
        address_of(" http://127.0.0.1:8000/v1/ "),
        address_of("https://api.example.org/v1"),
    )
    assert ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", True) == (
        here.url,
        here.host,
        here.loopback,
    )
    assert (True, False) == (there.encrypted, there.loopback)
    assert address_of("http://[::1]:8000/v1").loopback
    assert address_of("http://localhost/v1").loopback
    assert not address_of("http://localhost.example.org/v1").loopback


def test_keys_never_travel_in_the_clear() -> None:
    """Plain http is refused with a key, unless it stays on this machine."""
    key = Secret("a-key-of-tests")
    with pytest.raises(UsageError, match="unencrypted to gpu-box:8000") as caught:
        require_safe(address_of("http://gpu-box:8000/v1"), key)
    assert "a-key-of-tests" not in str(caught.value)
    require_safe(address_of("http://gpu-box:8000/v1"), None)
    require_safe(address_of("http://127.0.0.1:8000/v1"), key)
    require_safe(address_of("https://gpu-box/v1"), key)


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://integrate.api.nvidia.com/v1", True),
        ("http://integrate.api.nvidia.com/v1", False),
        ("https://nvidia.com.example.org/v1", False),
        ("https://notnvidia.com/v1", False),
    ],
)
def test_nvidia_keys_go_to_nvidia_only(url: str, answer: bool) -> None:  # noqa: FBT001
    """By the end of the host's name, over https."""
    assert answer == is_nvidia(address_of(url))


def test_secrets_do_not_show() -> None:
    """Not printed, not formatted, not pickled."""
    key = Secret("a-key-of-tests")
    assert "a-key" not in f"{key} {key!r} {[key]}"
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(key)
    assert "[key] and [key]" == redacted("a-key-of-tests and nvapi-0123456789", key)
    assert Secret("x").prefix != Secret("y").prefix
