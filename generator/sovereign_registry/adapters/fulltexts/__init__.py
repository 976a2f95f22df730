"""Full texts of papers: fetched politely, parsed in a bounded process, hidden text left out."""
