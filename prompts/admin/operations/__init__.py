"""The page of whoever runs the installation: is all well, and if not, why, and what to do."""
