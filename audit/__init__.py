"""An append-only, hash-chained log. Knows no other app: targets come as models, actions as strings."""
