"""The only place with signals, forks and supervision."""
