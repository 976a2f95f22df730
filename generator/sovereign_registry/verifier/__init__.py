"""Floor 2: the reader's check.  Trusts nothing but this code and what the reader brings along.

It reads the files of a published site, from a folder or from its address, and never the registry's
own folder.  It imports neither the website's code nor the pipeline's: what pages, lists and exports
must say is worked out here again from the manifests.
"""
