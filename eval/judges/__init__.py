"""A model as judge, and how far it agrees with people."""
