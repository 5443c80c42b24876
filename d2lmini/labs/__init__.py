"""The labs: one module each, which says what it computes, what it draws, and in which words.

A lab's module has ``compute``, ``figure``, ``fixed`` if its computation takes more than its sliders, and the tables SENTENCES,
WORDS, LABELS and CHOICES. Its name is the name in the page's address and that of its twin in d2lmini/js/labs.
"""
