"""Add data: files dropped, looked at, told of, rehearsed, brought in and taken back; lines we could not read."""
