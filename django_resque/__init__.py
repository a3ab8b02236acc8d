"""Resque in Django: settings, admin monitor and management commands (in a later version)."""
