"""One module for each class of attack that docs/security.md names."""
