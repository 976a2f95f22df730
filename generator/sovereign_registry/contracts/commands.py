"""The commands that enter events into a history, for messages that say what to do."""

from __future__ import annotations

from sovereign_registry.contracts.history import Event

COMMANDS = {
    Event.OWNER_DECISION: "owner approve",
    Event.CORRECTION: "correct",
    Event.RE_EVALUATION: "gate run",
    Event.ARTIFACT_ACCEPTED: "gate accept",
    Event.ADDENDUM: "annotate",
    Event.REGISTRATION: "register",
    Event.CHALLENGE: "challenge",
    Event.CHALLENGE_CLOSED: "challenge --close",
    Event.CONCERN: "concern",
    Event.CONCERN_LIFTED: "concern --lift",
    Event.PARTIAL_RETRACTION: "retract --claims",
    Event.RETRACTION: "retract",
    Event.WITHDRAWAL: "withdraw",
    Event.SUPERSESSION: "supersede",
    Event.REINSTATEMENT: "reinstate",
    Event.REMOVAL: "remove",
}
"""Event -> the words behind ``sovereign-registry`` that enter it."""
