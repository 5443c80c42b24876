"""How long things take: timings in turns, what they say of a machine, and the records that the book shows."""
