"""What an answer is worth, and what a set of answers is."""
