"""The background work: what takes long or must happen by itself, done by one process at a time."""
