"""The vocabulary and the arithmetic: describes relations, never runs one, never reads a clock."""
