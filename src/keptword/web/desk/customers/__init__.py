"""Customers: who they are, what was promised to each and what became of it, what they and we did and wrote."""
