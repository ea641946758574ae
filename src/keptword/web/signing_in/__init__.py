"""Signing in: the first link, passwords, the second factor, invitations, other systems' accounts."""
