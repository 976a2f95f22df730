"""Steps 7 and 8 with language models as the panel: whole runs over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sovereign_registry.adapters.reviewing.marking import MARKERS
from sovereign_registry.contracts.calls import CallFault
from sovereign_registry.contracts.errors import ModelFailure
from sovereign_registry.contracts.review import Policy, Role, Verdict
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.recompute import recompute
from tests.model_scripts import role_reply, system_text, user_text
from tests.model_server import Fault, ModelScript, honest_reviewer
from tests.panels import MODEL, desk, evidence_of
from tests.world import QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sovereign_registry.pipeline.run import Run

GOOD = honest_reviewer(8.0)


def role_of(body: dict[str, Any]) -> str:
    """The role that a request is for."""
    return next(role for role in Role if f"You are the {role}" in system_text(body))


def marked(text: str) -> str:
    """The text as a request shows it, where the first mark is free."""
    return text.replace(" ", MARKERS[0])


def sound(run: Run) -> list[str]:
    """What the record's own check finds."""
    return recompute(run.manifest, evidence_of(run))


def test_an_honest_panel_is_recorded_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opinions name model, call and counts; the rubric stands beside them; all of it follows."""
    with desk(tmp_path, ModelScript(chat=GOOD), monkeypatch) as place:
        run = place.run()
    review = run.manifest.review
    assert (review.rules, review.score, review.policy) == (
        "tribunal-v2",
        "8.0",
        Policy.AUTO_APPROVE,
    )
    assert "three prompts on one model are not three independent judges" in review.note
    for opinion in review.rounds[0].opinions:
        call = opinion.call
        assert call
        assert (call.model, call.served, call.attempt) == (MODEL, MODEL, 1)
        assert call.prompt_tokens
        assert opinion.cited_claims
        kept = tmp_path / ".sovereign" / "runs" / run.manifest.id / "calls"
        assert (kept / f"{call.call_sha256}.json").is_file()
    assert review.control
    assert review.control[0].opinions[0].method == "deterministic rubric"
    assert review.control[0].report_sha256 == review.rounds[0].report_sha256
    assert [one.outcome for one in review.probe or ()] == ["resisted"] * 3
    names = {tool.used_for: tool for tool in run.manifest.provenance.tools}
    assert MODEL in names["the tribunal"].version
    assert names["the control beside the tribunal"].version == "rubric-v1"
    assert sound(run) == []


def test_roles_are_asked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round takes as long as its slowest role, not as long as all of them."""
    waits = {"SKEPTIC": 0.2, "VALIDATOR": 0.5, "SYNTHESIZER": 0.8}
    script = ModelScript(chat=honest_reviewer(3.0), latency=lambda body: waits[role_of(body)])
    with desk(tmp_path, script, monkeypatch) as place:
        place.run()
        seen = place.models.requests
    assert len(seen) == 3  # rejected: no revision, nothing to try
    spent = max(one.ended for one in seen) - min(one.started for one in seen)
    assert max(waits.values()) <= spent < sum(waits.values()) - 0.2
    assert place.models.in_flight_max == 3


def test_roles_see_the_dossier_and_nothing_of_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request of a round holds another role's name, words or score; claims are shuffled."""
    script = ModelScript(chat=honest_reviewer(3.0, rationale="Words that only replies hold."))
    with desk(tmp_path, script, monkeypatch) as place:
        run = place.run()
        bodies = [one.body for one in place.models.requests]
    orders = []
    for body in bodies:
        text = user_text(body)
        assert "Words that only replies hold" not in json.dumps(body)
        order = [
            next(
                claim.id
                for claim in run.manifest.claims
                if f"claim c{number}\n{marked(claim.text)}\n" in text
            )
            for number in range(1, len(run.manifest.claims) + 1)
        ]
        orders.append(order)
    assert all(sorted(order) == sorted(c.id for c in run.manifest.claims) for order in orders)
    assert orders[0] != orders[1]


def test_no_word_of_a_source_stands_unmarked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system message holds our words only; the user message holds sources in blocks only."""
    with desk(tmp_path, ModelScript(chat=honest_reviewer(3.0)), monkeypatch) as place:
        run = place.run()
        bodies = [one.body for one in place.models.requests]
    texts = [claim.text for claim in run.manifest.claims] + [QUESTION]
    for body in bodies:
        assert not any(text in json.dumps(body, ensure_ascii=False) for text in texts)
        token = system_text(body).split("<<")[1].split(" ")[0]
        outside = ""
        for part in user_text(body).split(f"<<{token} "):
            _, mark, after = part.partition(f"\n{token}>>")
            outside += after if mark else part
        assert "gear" not in outside
        assert "Claim c1: lexical test" in outside


def test_reasons_name_the_records_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a role calls c1 is the first that it was shown; the record names the claim itself."""

    def chat(body: dict[str, Any]) -> str:
        reply = role_reply(body, 3.0, "Nothing supports c1, and c2 repeats it.")
        return json.dumps(reply | {"cited_claims": ["c2", "c1"]})

    with desk(tmp_path, ModelScript(chat=chat), monkeypatch) as place:
        run = place.run()
        texts = {role_of(one.body): user_text(one.body) for one in place.models.requests}
    for opinion in run.manifest.review.rounds[0].opinions:
        shown = {
            number: next(
                claim.id
                for claim in run.manifest.claims
                if f"claim c{number}\n{marked(claim.text)}\n" in texts[opinion.role]
            )
            for number in (1, 2)
        }
        assert opinion.rationale == f"Nothing supports {shown[1]}, and {shown[2]} repeats it."
        assert set(opinion.cited_claims) == set(shown.values())


def test_a_panel_far_from_the_control_escalates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models at 10 where the rubric is far below: the owner decides."""
    with desk(tmp_path, ModelScript(chat=honest_reviewer(10.0)), monkeypatch) as place:
        run = place.run(config={"threshold": "0.40"})
    failed = {guard.name for guard in run.manifest.review.guards if not guard.held}
    assert {"control approves", "control agrees"} <= failed
    assert run.manifest.review.verdict is Verdict.APPROVE
    assert run.manifest.review.policy is Policy.ESCALATE_TO_OWNER
    assert sound(run) == []


def test_a_revision_is_judged_afresh_and_its_gain_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both rounds are stored with their own calls; a leap after a mere edit goes to the owner."""

    def chat(body: dict[str, Any]) -> str:
        revised = marked("After a revision it speaks only of what") in user_text(body)
        return json.dumps(role_reply(body, 9.0 if revised else 5.5, "A judgement."))

    with desk(tmp_path, ModelScript(chat=chat), monkeypatch) as place:
        run = place.run()
    review = run.manifest.review
    assert [one.score for one in review.rounds] == ["5.5", "9.0"]
    assert len(review.control or ()) == 2
    calls = [one.call.call_sha256 for r in review.rounds for one in r.opinions if one.call]
    assert len(set(calls)) == 6
    failed = [guard.name for guard in review.guards if not guard.held]
    assert "revision gain" in failed
    assert sound(run) == []


UNUSABLE: dict[str, Callable[[dict[str, Any]], str | Fault]] = {
    "schema ignored": lambda _body: Fault("schema-ignored"),
    "refusal": lambda _body: Fault("refusal"),
    "cut at the limit": lambda _body: Fault("length"),
    "NaN": lambda body: str(GOOD(body)).replace("8.0", "NaN"),
    "injected words": lambda body: json.dumps(role_reply(body, 8.0, "x")) + " APPROVE",
    "off its step": lambda body: json.dumps(role_reply(body, 8.1, "x")),
}


@pytest.mark.parametrize("wrong", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_one_bad_role_leaves_the_review_incomplete(
    wrong: Callable[[dict[str, Any]], str | Fault],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No score, no verdict but INCOMPLETE, the owner decides, and the reason was told."""

    def chat(body: dict[str, Any]) -> str | Fault:
        return wrong(body) if role_of(body) == "VALIDATOR" else GOOD(body)

    with desk(tmp_path, ModelScript(chat=chat), monkeypatch) as place:
        run = place.run()
    review = run.manifest.review
    assert (review.score, review.verdict) == (None, Verdict.INCOMPLETE)
    assert [one.role for one in review.rounds[0].opinions] == [Role.SKEPTIC, Role.SYNTHESIZER]
    assert review.policy is Policy.ESCALATE_TO_OWNER
    assert any(note.startswith("VALIDATOR: attempt 1 of 2") for note in place.notes)
    assert sound(run) == []


def test_an_unusable_reply_is_asked_once_more_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second attempt counts and is recorded as the second; nothing of the first is repeated."""

    def chat(body: dict[str, Any]) -> str:
        if "An earlier reply could not be used" in system_text(body):
            return str(GOOD(body))
        return "I would rather say it in prose."

    with desk(tmp_path, ModelScript(chat=chat), monkeypatch) as place:
        run = place.run()
        seconds = [one.body for one in place.models.requests[3:6]]
    assert {one.call.attempt for one in run.manifest.review.rounds[0].opinions if one.call} == {2}
    assert all("it is not one strict JSON text" in system_text(body) for body in seconds)
    assert all("rather" not in json.dumps(body) for body in seconds)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (Fault("status", 401), CallFault.UNAUTHORISED),
        (Fault("status", 404), CallFault.UNKNOWN_MODEL),
        (Fault("status", 410), CallFault.WITHDRAWN_MODEL),
        (Fault("status", 422), CallFault.REFUSED),
        (Fault("html"), CallFault.MALFORMED),
        (Fault("malformed-json"), CallFault.MALFORMED),
        (Fault("empty"), CallFault.MALFORMED),
    ],
    ids=str,
)
def test_what_a_server_cannot_do_stops_the_run(
    wrong: Fault, fault: CallFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong key, a withdrawn model or no whole reply is an error to act on, not a record."""

    def chat(body: dict[str, Any]) -> str | Fault:
        return wrong if role_of(body) == "VALIDATOR" else GOOD(body)

    script = ModelScript(chat=chat)
    with (
        desk(tmp_path, script, monkeypatch) as place,
        pytest.raises(ModelFailure) as failure,
    ):
        place.run()
    assert failure.value.fault == fault


def test_a_replay_gives_the_same_bytes_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Manifest and artifacts are equal to the byte, also where a first reply was unusable."""
    turns = {"VALIDATOR": 0}

    def chat(body: dict[str, Any]) -> str | Fault:
        if role_of(body) == "VALIDATOR":
            turns["VALIDATOR"] += 1
            if turns["VALIDATOR"] == 1:
                return Fault("html")
        return GOOD(body)

    with desk(tmp_path, ModelScript(chat=chat), monkeypatch) as place:
        first = place.run()
        asked = len(place.models.requests)
        again = place.run()
        assert len(place.models.requests) == asked
        replayed = place.run(replay=True)
        assert len(place.models.requests) == asked
    assert emit(first.manifest) == emit(again.manifest) == emit(replayed.manifest)
    assert first.artifacts == again.artifacts == replayed.artifacts


def test_a_replay_without_kept_replies_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never turns into an incomplete record."""
    with (
        desk(tmp_path, ModelScript(chat=GOOD), monkeypatch) as place,
        pytest.raises(ModelFailure) as failure,
    ):
        place.run(replay=True)
    assert failure.value.fault == CallFault.NOT_KEPT


def test_seed_model_and_roles_are_part_of_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another seed or another model for a role is another record, and says so."""
    with desk(tmp_path, ModelScript(chat=honest_reviewer(3.0)), monkeypatch) as place:
        one = place.run().manifest
        two = place.run(seed=7).manifest
        three = place.run(models=(("", MODEL), ("SKEPTIC", "org/judge-2"))).manifest
    assert len({one.id, two.id, three.id}) == 3
    assert "spoke for VALIDATOR and SYNTHESIZER" in three.review.note
    assert three.review.rounds[0].opinions[0].reviewer.startswith("org/judge-2 via")
