"""`resque web`: the monitor without a Django project. Settings, the one user, and the server."""
