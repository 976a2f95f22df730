"""Language models as reviewers: marked source text in, strictly checked replies out."""
