"""Model servers over HTTP: NIM and anything that speaks OpenAI's protocol, one call at a time.

``client`` sends, within the account's ``spacing`` and a ``budget``; ``kept`` answers from what was
kept and keeps what is new; ``protocol`` and ``failures`` read what servers say, without I/O.
"""
