"""The world behind the ports: sources of papers, splitter, embedder, printer, clock, console.

Every module imports the contracts only, and a heavy library only when it is used, so that importing
one adapter never pays for another.
"""
