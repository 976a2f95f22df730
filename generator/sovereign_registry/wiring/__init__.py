"""Floor 3: chooses adapters, builds the ports, joins a run to the registry that it writes to."""
