"""What comes out of the seal is read as a stranger's bytes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.adapters.sealing.report import read_report, read_status

ENDED = {"code": 0, "signal": 0, "peak": 1, "scratch_full": False}


def lines(*documents: object) -> bytes:
    """Documents as the first process writes them."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in documents)


def whole(body: bytes) -> bytes:
    """A whole report of one output."""
    head = {"output": 0, "bytes": len(body), "fault": ""}
    return lines({"started": True}, ENDED, head) + body + lines({"done": True})


@given(st.binary(max_size=200))
def test_a_whole_report_is_read_back(body: bytes) -> None:
    """Any bytes of an output come back as they were."""
    report = read_report(whole(body), ("a",))
    assert report.complete
    assert report.outputs == {"a": body}


@given(st.binary(max_size=60), st.data())
def test_a_cut_report_is_not_whole(body: bytes, data: st.DataObject) -> None:
    """A report that ends early, or goes on after its end, hands out nothing."""
    good = whole(body)
    cut = read_report(good[: data.draw(st.integers(0, len(good) - 1))], ("a",))
    assert not cut.complete
    assert cut.outputs == {}
    assert not read_report(good + b"x", ("a",)).complete


@given(st.binary(max_size=400))
def test_noise_is_not_whole(noise: bytes) -> None:
    """Noise raises nothing and hands out nothing, also after a true beginning."""
    for data in (noise, lines({"started": True}) + noise, lines({"started": True}, ENDED) + noise):
        report = read_report(data, ("a",))
        assert not report.complete
        assert report.outputs == {}


def test_only_declared_outputs_are_taken() -> None:
    """Another number, a negative size, an unknown field or a huge code leave it incomplete."""
    for head in (
        {"output": 1, "bytes": 0, "fault": ""},
        {"output": 0, "bytes": -1, "fault": ""},
        {"output": 0, "bytes": 10**30, "fault": ""},
        {"output": 0, "bytes": 0, "fault": "", "name": "b"},
    ):
        data = lines({"started": True}, ENDED, head, {"done": True})
        assert not read_report(data, ("a",)).complete
    for wrong in ({"code": 256}, {"code": -1}, {"signal": 65}, {"code": True}, {"peak": "1"}):
        assert not read_report(lines({"started": True}, {**ENDED, **wrong}), ()).complete


@given(st.binary(max_size=200))
def test_a_status_in_pieces_waits_for_its_line(noise: bytes) -> None:
    """Bubblewrap's documents count once their line is whole; noise is no document."""
    text = b'{ "child-pid": 12, "net-namespace": 3 }\n{ "exit-code": 0 }\n'
    assert read_status(text) == {"child-pid": 12, "net-namespace": 3, "exit-code": 0}
    assert read_status(text[:20]) == {}
    assert isinstance(read_status(noise), dict)
