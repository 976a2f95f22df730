"""Floor 0: the typed records, ladders, rules' words, errors and ports that every room shares.

This room imports no other room, opens no file and reaches no network.
"""
