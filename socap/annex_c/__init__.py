"""The security controls of annex C."""
