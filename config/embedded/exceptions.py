"""What can go wrong with the embedded servers, in a sentence that says what to do."""


class EmbeddedServerError(Exception):
    """An embedded server can't be prepared, started or stopped. The text is meant for the operator."""
