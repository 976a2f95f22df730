"""The rules that turn what was found into words: one module per rule set and version.

How versions are kept.  A record names the rules that assessed it (``tribunal-v1``, ``rubric-v1``,
``levels-v1``, ``tiers-v1``, ``dimensions-v1``, ``provenance-v1``, ``lexical-v1``).  A module is
frozen once a record that it assessed is public: a change of any threshold, formula or word that
enters a record becomes a new module (``tiers_v2.py``) beside the old one, and the old one stays, so
that every published value can be recomputed with the version that it names.  Rules are pure: no
clock, no file, no network, no randomness; they read their arguments only.
"""
