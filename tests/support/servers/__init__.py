"""Real servers for tests: found, started in folders of their own, and never left over."""
