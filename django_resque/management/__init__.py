"""The `resque` command, as commands of manage.py."""
