"""What becomes of every list, filter, search, page and step of the worker when history grows (`make growth`)."""
