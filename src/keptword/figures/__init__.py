"""Figures worked out beforehand: what the pages read, one immutable file for each state of the books."""
