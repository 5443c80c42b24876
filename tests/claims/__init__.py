"""What the book claims, a file a chapter: each claim is a piece of its text, beside the check that it is so."""
