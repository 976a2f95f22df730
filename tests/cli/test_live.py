"""``run --reviewers`` over real HTTP: kept, replayed, resumed, interrupted; the key is nowhere."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.console import INTERRUPTIBLE, QUESTION, call, environment, new_registry, tree
from tests.model_server import Fault, ModelScript, honest_reviewer, serve_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.model_server import ModelWorld

KEY = "nvapi-the-key-of-these-tests-0123456789"
MODEL = "test/judge-8b"


@pytest.fixture
def world() -> Iterator[ModelWorld]:
    """Three honest reviewers behind a key."""
    with serve_models(ModelScript(chat=honest_reviewer(8.0), key=KEY)) as found:
        yield found


def _arguments(root: Path, world: ModelWorld, *more: str) -> list[str]:
    return [
        *("run", QUESTION, "--registry", str(root), "--json", "--rate", "60000"),
        *("--reviewers", "nim", "--model", MODEL, "--model-url", world.url),
        *more,
    ]


def _around(root: Path, key: str = KEY) -> dict[str, str]:
    cache = str(root.parent / "user-cache")
    return {"XDG_CACHE_HOME": cache, "SOVEREIGN_MODEL_KEY": key, "NVIDIA_API_KEY": ""}


def test_a_run_is_kept_replayed_without_a_key_and_holds_none(
    tmp_path: Path, world: ModelWorld
) -> None:
    """The replay gives the same bytes; no file and no output holds the key or an address."""
    root = new_registry(tmp_path / "registry")
    done = call(*_arguments(root, world), **_around(root))
    assert 0 == done.returncode, done.stderr
    record = json.loads(done.stdout)
    asked = len(world.requests)
    first = tree(root / "manifests")

    listed = call("calls", record["id"], "--registry", str(root), "--json")
    rows = json.loads(listed.stdout)
    assert [MODEL] * asked == [row["model"] for row in rows]
    assert [MODEL] * asked == [row["answered_by"] for row in rows]
    said = call("calls", record["id"], "--registry", str(root)).stdout
    assert f"{asked} calls kept for {record['id']}" in said

    again = new_registry(tmp_path / "again")
    (root / ".sovereign" / "runs").rename(again / ".sovereign-runs")
    (again / ".sovereign").mkdir()
    (again / ".sovereign-runs").rename(again / ".sovereign" / "runs")
    replayed = call(*_arguments(again, world, "--replay"), **_around(again, key=""))
    assert 0 == replayed.returncode, replayed.stderr
    assert (record["id"], first) == (json.loads(replayed.stdout)["id"], tree(again / "manifests"))
    assert asked == len(world.requests)

    written = {**tree(tmp_path), "output": (done.stdout + done.stderr).encode()}
    assert [] == [name for name, data in written.items() if KEY.encode() in data]
    port = world.url.split("/")[2].encode()
    assert [] == [name for name, data in written.items() if port in data and name != "output"]


@pytest.mark.parametrize("record", ["sr-2601-00000000", "../../etc", ""])
def test_a_record_without_calls_is_told(tmp_path: Path, record: str) -> None:
    """Exit 2 for an id of which nothing is kept, and for what is no id."""
    root = new_registry(tmp_path / "registry")
    done = call("calls", record, "--registry", str(root))
    assert (2, True) == (done.returncode, "no calls are kept" in done.stderr)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", MODEL), "--model: names a model, and --reviewers rubric asks none"),
        (("--extractor-model", MODEL), "--extractor-model: names a model"),
        (("--embedding-model", MODEL), "--embedding-model: names a model"),
        (
            (
                *("--embedder", "openai", "--embedding-model", MODEL, "--near-at", "2"),
                *("--embedding-url", "http://127.0.0.1:9/v1"),
            ),
            "--near-at: 2 is no cosine",
        ),
    ],
)
def test_options_that_would_change_nothing_are_refused(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    """Exit 2 before anything is asked: a model that is named is asked, a bound can be reached."""
    root = new_registry(tmp_path / "registry")
    done = call("run", QUESTION, "--registry", str(root), *options, **_around(root))
    assert (2, True) == (done.returncode, said in done.stderr), done.stderr


def test_a_refused_key_is_not_shown(tmp_path: Path, world: ModelWorld) -> None:
    """Exit 3, one error, no record, the key in no output."""
    root = new_registry(tmp_path / "registry")
    wrong = "nvapi-a-wrong-key-of-these-tests"
    done = call(*_arguments(root, world), **_around(root, key=wrong))
    assert 3 == done.returncode
    assert "does not accept the key" in done.stderr
    assert wrong not in done.stdout + done.stderr
    assert not list((root / "manifests").glob("records/*"))


def test_without_a_key_for_the_hosted_service_nothing_is_sent(tmp_path: Path) -> None:
    """Exit 2, and the error names the variables."""
    root = new_registry(tmp_path / "registry")
    done = call(
        *("run", QUESTION, "--registry", str(root), "--reviewers", "nim", "--model", MODEL),
        **_around(root, key=""),
        SOVEREIGN_MODEL_URL="",
    )
    assert 2 == done.returncode
    assert "NVIDIA_API_KEY" in done.stderr
    assert "Derive queries" not in done.stderr


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_pays_nothing_twice(
    tmp_path: Path, world: ModelWorld, sent: signal.Signals
) -> None:
    """Stopped while a reviewer thinks: at once, and the next run asks for that role only."""
    root = new_registry(tmp_path / "registry")
    slow = "VALIDATOR"
    world.script.latency = lambda body: 60.0 if slow in str(body["messages"][0]) else 0.0
    with subprocess.Popen(
        [*INTERRUPTIBLE, *_arguments(root, world)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(**_around(root)),
    ) as process:
        deadline = time.monotonic() + 60
        while len(world.calls) < 2 or world.in_flight_max < 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(sent)
        process.wait(timeout=10)
        assert time.monotonic() - began < 3
        assert 0 != process.returncode
    assert not list((root / "manifests").glob("records/*"))
    answered = {_body(seen.body) for seen in world.calls}
    world.script.latency = 0.0
    before = len(world.requests)
    done = call(*_arguments(root, world), **_around(root))
    assert 0 == done.returncode, done.stderr
    later = [_body(seen.body) for seen in world.requests[before:]]
    assert later
    assert not answered & set(later)


def _body(body: dict[str, object]) -> str:
    return json.dumps(body, sort_keys=True)


def test_a_withdrawn_model_is_explained_on_the_console(tmp_path: Path, world: ModelWorld) -> None:
    """410 stops the run with the server's date and what to do; no record is written."""
    root = new_registry(tmp_path / "registry")
    gone = Fault("status", 410, detail="end of life on 2026-08-25")
    world.script.faults = [gone] * 9
    done = call(*_arguments(root, world), **_around(root))
    assert 3 == done.returncode, done.stdout
    assert f"{MODEL} was withdrawn" in done.stderr
    assert "2026-08-25" in done.stderr
    assert "Traceback" not in done.stderr
