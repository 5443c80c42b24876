"""What makes the book, judges it and photographs it; and what handles it in a browser, for `tests` and `bench` too."""
