"""`make soak`: hours of ordinary work with a fault every minute, and then every rule of the house asked of the data."""
