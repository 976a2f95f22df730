"""The pipeline: from a question to a manifest, step by step as the methodology page numbers them.

No module here does I/O: effects come in through the ports.  ``conduct`` runs the steps; every step
is a module of its own whose docstring states its rule.
"""
