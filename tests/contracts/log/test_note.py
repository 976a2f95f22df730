"""Signed notes, checkpoints and keys' spelling: published vectors and tampering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts.log.checkpoint import Checkpoint, parse_checkpoint
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.note import (
    PrivateKey,
    open_note,
    parse_note,
    parse_private,
    parse_public,
    sign,
)

# The example of C2SP signed-note.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example of the reference implementation, with its private key.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_NOTE = (
    f"{PETER_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example notes whose keys the specifications do not print: their form only.
SALVATORE = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xM\
cXxj99ihAQwaqP3ZekRwNtIc=
"""
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""
KEY = PrivateKey("example.org/log", b"\x07" * 32)
OTHER = PrivateKey("example.org/log", b"\x08" * 32)
NOTE = sign("One line.\n", KEY).encode()


def test_the_specifications_note_opens() -> None:
    """With its published key."""
    text, signers = open_note(FOO_NOTE.encode(), [parse_public(FOO)])
    assert "This is an example message.\n" == text
    assert [FOO] == [str(key) for key in signers]


def test_the_references_note_is_made_byte_for_byte() -> None:
    """Ed25519 is deterministic, and the key id is the published one."""
    key = parse_private(PETER_PRIVATE, "key")
    assert PETER == str(key.public)
    assert PETER_PRIVATE == key.export()
    assert PETER_NOTE == sign(PETER_TEXT, key)


def test_a_text_may_hold_empty_lines() -> None:
    """The last empty line separates the signatures."""
    note = parse_note(SALVATORE.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert "quasimodo.example/salvatore" == note.signatures[0][0]


def test_the_specifications_checkpoint_reads() -> None:
    """Origin, size, root; written again it is the same text."""
    found = parse_checkpoint(SOFA)
    assert ("example.com/behind-the-sofa", 20852163) == (found.origin, found.size)
    assert SOFA == found.text()


@pytest.mark.parametrize(
    "text",
    [
        SOFA[:-1],
        SOFA + "extension\n",
        SOFA.replace("20852163", "020852163"),
        SOFA.replace("20852163", "-1"),
        SOFA.replace("20852163", "9007199254740993"),
        SOFA.replace("20852163", "٣"),
        SOFA.replace("2I=", "2J="),
        SOFA.replace("CsUY", ""),
        SOFA.replace("example.com/behind", "example.com behind"),
        "",
    ],
)
def test_other_texts_are_no_checkpoints(text: str) -> None:
    """One spelling a checkpoint."""
    with pytest.raises(LogFault):
        parse_checkpoint(text)


@given(st.data())
def test_any_changed_byte_of_a_note_is_refused(data: st.DataObject) -> None:
    """In the text, the name, the id, the signature, or the form."""
    at = data.draw(st.integers(0, len(NOTE) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != NOTE[at]))
    with pytest.raises(LogFault):
        open_note(NOTE[:at] + bytes([byte]) + NOTE[at + 1 :], [KEY.public])


@given(st.integers(0, len(NOTE) - 1))
def test_any_cut_of_a_note_is_refused(cut: int) -> None:
    """At any byte."""
    with pytest.raises(LogFault):
        open_note(NOTE[:cut], [KEY.public])


def test_unknown_signatures_are_ignored_beside_a_known_one() -> None:
    """A cosignature or a rotated key does no harm; alone it is worth nothing."""
    both = sign("One line.\n", OTHER, KEY).encode()
    assert (KEY.public,) == open_note(both, [KEY.public])[1]
    with pytest.raises(LogFault, match="not signed by a known key"):
        open_note(NOTE, [OTHER.public])


def test_a_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    """Although another known key signed it well."""
    wrong = OTHER.signature_line("Another line.\n")
    with pytest.raises(LogFault, match=r"signature of .* is wrong"):
        open_note(NOTE + wrong.encode(), [KEY.public, OTHER.public])


def test_sixteen_signatures_are_accepted_and_many_more_refused() -> None:
    """The specification's least, and a bound."""
    keys = [PrivateKey(f"k{number}", bytes([number]) * 32) for number in range(101)]
    assert 16 == len(parse_note(sign("x\n", *keys[:16]).encode()).signatures)
    with pytest.raises(LogFault, match="101 signatures"):
        parse_note(sign("x\n", *keys).encode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "x" * 201])
def test_a_name_that_a_key_cannot_have_is_refused(name: str) -> None:
    """Spaces, plus signs and controls would make two readings of one line."""
    with pytest.raises(LogFault):
        PrivateKey(name, b"\x07" * 32)


def test_no_message_and_no_text_form_holds_the_secret() -> None:
    """Neither repr nor an error about a broken key file."""
    secret = KEY.export().rpartition("+")[2]
    assert secret not in repr(KEY)
    for broken in (KEY.export()[:-1], KEY.export().replace("+", "-", 1), KEY.export() + "A"):
        with pytest.raises(LogFault) as caught:
            parse_private(broken, "the.key")
        assert secret[:20] not in str(caught.value)
        assert "the.key" in str(caught.value)


def test_a_key_whose_id_is_not_its_own_is_refused() -> None:
    """A typing error is found before it is published."""
    with pytest.raises(LogFault, match="id is not"):
        parse_public(FOO.replace("530d903a", "530d903b"))
    with pytest.raises(LogFault, match="no Ed25519 key"):
        parse_public(FOO.replace("AekyeR", "BekyeR"))


@given(st.integers(0, 2**53), st.binary(min_size=32, max_size=32))
def test_checkpoints_come_back(size: int, root: bytes) -> None:
    """Any size and root."""
    checkpoint = Checkpoint(origin="example.org/log", size=size, root=root)
    assert checkpoint == parse_checkpoint(checkpoint.text())
