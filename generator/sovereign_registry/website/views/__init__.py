"""What each page shows, prepared so that a template only prints: pure functions, typed parts.

A view decides every word and number; a template decides no more than where they stand.  Views run
inside the rendering workers and import the contracts, the site's model, and what the exports and
the pages say alike (citations, linked data).
"""
