"""Invented requests, so that somebody can look at a full installation before they have filled one."""
