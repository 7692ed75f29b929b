"""The property tests, run for as long as one likes: `make fuzz MINUTES=10`."""
