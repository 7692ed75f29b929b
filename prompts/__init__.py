"""The domain: prompt types, requests, their attempts and responses."""
