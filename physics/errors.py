"""Errors that a user can mend."""


class InputError(ValueError):
    """Bad input. The message is one sentence: what is wrong, where, and what to do."""


class RegistrationError(InputError):
    """Parts of the product, or of a package that extends it, do not fit together."""
