"""Floor 2: manifests become a site.

Views say what a page shows, the engine says which pages are due, renders them in workers and keeps
the output folder equal to what a clean build would make.
"""
