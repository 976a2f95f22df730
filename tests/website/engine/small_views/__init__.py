"""Views of the smallest site, so that the engine is tested without the real one."""
