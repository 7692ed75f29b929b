"""Accounts: the tokens of programs, the roles of people, and the language that each of them reads."""
