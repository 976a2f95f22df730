"""Language models that choose claims by quoting them."""
