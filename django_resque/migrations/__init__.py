"""The migrations: permissions only, no table."""
