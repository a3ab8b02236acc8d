"""Deaths at named points: which there are, what must come of each, and how to have a process die there."""
