"""The `resque` command: one file per command group, each command a few lines over the public face."""
