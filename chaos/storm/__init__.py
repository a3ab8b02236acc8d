"""A storm over real workers: random kills, freezes and outages; then everything is counted."""
