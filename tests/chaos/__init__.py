"""Real processes killed and stopped in the middle of sending, and an account of every message."""
