"""Step 6: the semantic index, same questions, near-duplicates and related records."""

from __future__ import annotations

from sovereign_registry.contracts.manifest import FlagKind, Manifest
from sovereign_registry.contracts.review import Policy
from sovereign_registry.pipeline.conduct import complete, prepare
from tests.world import CONFIG, QUESTION, FakeNeighbours, world

OTHER = "sr-2601-aaaaaaaa"
NEAR = "How does the gear ratio of a cargo bicycle change the climbing speed and effort?"
FAR = "Which tyre pressure suits a bicycle on rough roads?"


def made(*held: tuple[str, str, str]) -> Manifest:
    """The manifest of a run beside these records."""
    ports = world(neighbours=FakeNeighbours(held))
    return complete(prepare(QUESTION, ports, CONFIG, None), ports).manifest


def test_the_index_records_model_dimension_and_what_was_compared() -> None:
    """All that is needed to know which vectors these were."""
    index = made().index
    assert (index.model, index.dimension, index.related) == ("letter counts 1", 26, ())
    assert index.compared_sha256 == FakeNeighbours().sha256


def test_the_same_question_is_linked_and_informs() -> None:
    """Case, spacing and the question mark make no other question; the flag is no obstacle."""
    manifest = made((OTHER, QUESTION.upper().replace(" ", "  "), "Another title"))
    assert [(item.record, item.relation) for item in manifest.index.related] == [
        (OTHER, "same question")
    ]
    flag = next(flag for flag in manifest.flags if flag.kind is FlagKind.SAME_QUESTION)
    assert (flag.about, flag.unresolved) == ((OTHER,), False)
    assert "answered before" in flag.message
    assert OTHER in flag.message


def test_a_near_duplicate_keeps_a_record_from_publishing_itself() -> None:
    """At 0.6 of the content words the flag is unresolved and the owner decides."""
    alone, beside = made(), made((OTHER, NEAR, "Another title"))
    assert alone.review.policy is Policy.AUTO_APPROVE
    assert beside.review.policy is Policy.ESCALATE_TO_OWNER
    assert [item.relation for item in beside.index.related] == ["near-duplicate"]


def test_a_near_equal_title_counts_as_well() -> None:
    """The other record's title is compared with the question too."""
    manifest = made((OTHER, FAR, NEAR))
    assert [item.relation for item in manifest.index.related] == ["near-duplicate"]


def test_related_records_are_ordered_and_do_not_decide() -> None:
    """A shared word makes a record related, at most five are named, and nothing is flagged."""
    others = [
        (f"sr-2601-{letter * 8}", f"Which {word} suits a bicycle rider?", "t")
        for letter, word in zip("abcdefg", ["hub", "bell", "lamp", "rack", "lock", "oil", "map"],
                                strict=True)
    ]  # fmt: skip
    manifest = made(*others, ("sr-2601-zzzzzzzz", "What do meadow flowers need?", "t"))
    relations = {item.relation for item in manifest.index.related}
    assert relations == {"related"}
    assert len(manifest.index.related) == 5
    assert "sr-2601-zzzzzzzz" not in {item.record for item in manifest.index.related}
    assert manifest.review.policy is Policy.AUTO_APPROVE


def test_the_registry_is_no_part_of_the_id() -> None:
    """Other records change what is recorded beside a run, not which run it is."""
    assert made().id == made((OTHER, NEAR, "t")).id


def test_the_own_record_is_left_out() -> None:
    """Running again beside the own record gives the very same manifest's relations."""
    own = made()
    again = made((own.id, QUESTION, QUESTION))
    assert again.index.related == ()
    assert again.flags == own.flags
