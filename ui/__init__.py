"""What people touch: the command line, the chat page and its server."""
