"""The storage on Redis: byte-compatible with Ruby Resque."""
