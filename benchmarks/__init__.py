"""How fast, how small: whole runs of Keptword, each beside what the machine can do at best."""
