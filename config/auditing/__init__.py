"""What is audited beside the prompts, and how the log is looked at (docs/decisions/0011-auditing-accounts.md)."""


def connect() -> None:
    """Listen to what happens to accounts, groups and sign-ins. Once, when the models are there."""
    from config.auditing import accounts, logins, permissions, workers

    for module in (accounts, permissions, logins, workers):
        module.connect()
