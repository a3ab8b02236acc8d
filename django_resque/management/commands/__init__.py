"""`manage.py resque_…`: one file for each command."""
