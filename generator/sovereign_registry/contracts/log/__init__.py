"""The transparency log, pure: what is signed, what is proved, and how both are checked.

``merkle`` is the tree of RFC 6962, ``tiles`` its static files (C2SP tlog-tiles), ``note`` the
signed text (C2SP signed-note), ``checkpoint`` the signed tree head (C2SP tlog-checkpoint),
``entries`` what a leaf says, ``heads`` the index that proves that nothing newer exists, ``keys``
the publisher's keys and what is known of them, ``proofs`` all that one record's reader needs (C2SP
tlog-proof).

A log proves that what was published stays published.  It proves nothing about who published it, or
about the times that its entries state: those are copied from the files and never decide trust.
"""
