"""``run --embedder``: a record by meaning over real HTTP, checked, resumed, stopped before paid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sovereign_registry.contracts.manifest import FlagKind
from sovereign_registry.store.loading import load_manifest
from tests.cli.console import QUESTION, call, new_registry
from tests.model_server import Fault, ModelScript, hashed_embedding, honest_reviewer, serve_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from sovereign_registry.contracts.manifest import Manifest
    from tests.model_server import ModelWorld

MODEL = "test/embed-1b"


@pytest.fixture
def world() -> Iterator[ModelWorld]:
    """An embedding model of 64 dimensions."""
    with serve_models(ModelScript(embed=hashed_embedding(64))) as found:
        yield found


def _run(
    root: Path, world: ModelWorld, *more: str, question: str = QUESTION
) -> CompletedProcess[str]:
    options = ("--embedder", "nim", "--embedding-model", MODEL, "--embedding-url", world.url)
    return call(
        *("run", question, "--registry", str(root), "--quiet", "--json", "--rate", "60000"),
        *options,
        *more,
        XDG_CACHE_HOME=str(root.parent / "user-cache"),
        SOVEREIGN_MODEL_KEY="",
        NVIDIA_API_KEY="",
    )


def _record(root: Path, done: CompletedProcess[str]) -> Manifest:
    assert done.returncode == 0, done.stderr
    path = root / json.loads(done.stdout)["path"]
    return load_manifest(path.read_bytes(), str(path))


@pytest.mark.slow
def test_a_record_by_meaning_is_made_found_and_checked(tmp_path: Path, world: ModelWorld) -> None:
    """Model, dimension, places and signals are recorded and shown; asking again costs nothing."""
    root = new_registry(tmp_path)
    record = _record(root, _run(root, world))

    assert record.index.model == f"{MODEL} over NIM"
    assert record.index.dimension == 64
    assert record.index.meaning
    assert all(claim.semantic for claim in record.claims)
    assert record.config
    assert record.config.embedder == "nim"
    asked = len(world.requests)
    assert json.loads(_run(root, world).stdout)["found"] is True
    assert len(world.requests) == asked

    for command in ("check", "build"):
        done = call(command, "--registry", str(root))
        assert done.returncode == 0, done.stdout + done.stderr
    verified = call("verify", str(root / "output"))
    assert verified.returncode == 0, verified.stdout
    cosines = len(record.claims) + len(record.sources)
    assert (
        f"not recomputable: needs the model ({cosines} cosines by {MODEL} over NIM)"
        in verified.stdout
    )
    page = (root / "output" / "records" / record.id / "index.html").read_text(encoding="utf-8")
    signals = page.count("Second signal, by an embedding model: ")
    assert signals == len(record.claims)
    assert f"by the embedding model {MODEL} over NIM" in page


@pytest.mark.slow
def test_a_killed_server_costs_only_what_was_not_answered(
    tmp_path: Path, world: ModelWorld
) -> None:
    """The run ends with one error and no record; run again, it asks for the missing texts only."""
    root = new_registry(tmp_path)
    whole = world.script.embed
    world.script.embed = lambda text, kind: (
        Fault("status", 403) if kind == "query" and text != QUESTION else whole(text, kind)
    )
    done = _run(root, world)
    assert done.returncode == 3, done.stderr
    assert "error:" in done.stderr
    assert not list((root / "manifests").glob("**/manifest.yaml"))
    answered = {
        (seen.body["input_type"], text) for seen in world.calls for text in seen.body["input"]
    }
    world.script.embed = whole
    world.requests.clear()

    _record(root, _run(root, world))

    again = {(seen.body["input_type"], text) for seen in world.calls for text in seen.body["input"]}
    assert answered
    assert again
    assert not answered & again


@pytest.mark.slow
def test_a_near_question_is_not_paid_for(tmp_path: Path, world: ModelWorld) -> None:
    """Exit code 4 names the record before any reviewer is asked; --even-if-near goes on."""
    root = new_registry(tmp_path)
    world.script.chat = honest_reviewer()
    first = json.loads(call("run", QUESTION, "--registry", str(root), "--quiet", "--json").stdout)
    assert first["state"] == "published"
    panel = ("--reviewers", "nim", "--model", "test/judge", "--model-url", world.url)
    near = QUESTION.replace("How does", "How strongly does")

    done = _run(root, world, *panel, question=near)

    assert done.returncode == 4, done.stderr
    assert first["id"] in done.stderr
    assert "--even-if-near" in done.stderr
    assert not [seen for seen in world.requests if seen.path.endswith("/chat/completions")]
    record = _record(root, _run(root, world, *panel, "--even-if-near", question=near))
    assert [flag.about for flag in record.flags if flag.kind is FlagKind.NEAR_DUPLICATE] == [
        (first["id"],)
    ]


def test_a_dimension_that_the_model_does_not_have_is_one_error(
    tmp_path: Path, world: ModelWorld
) -> None:
    """The message names model, both lengths and the option; nothing is written."""
    root = new_registry(tmp_path)
    done = _run(root, world, "--embedding-dimension", "1024")

    assert done.returncode == 3
    assert done.stderr.count("error:") == 1
    assert f"{MODEL} gave a vector of 64 numbers where the setting says 1024" in done.stderr
    assert not list((root / "manifests").glob("**/manifest.yaml"))


def test_a_threshold_that_is_no_number_is_wrong_usage(tmp_path: Path, world: ModelWorld) -> None:
    """Nothing is asked of any server."""
    done = _run(new_registry(tmp_path), world, "--near-at", "near")

    assert done.returncode == 2
    assert "--near-at" in done.stderr
    assert world.requests == []
