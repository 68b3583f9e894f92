"""Questions asked and kept, one folder for each run, and runs set against each other."""
