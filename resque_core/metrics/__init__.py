"""What monitoring systems ask of a store: read in few calls, told to Prometheus or StatsD."""
