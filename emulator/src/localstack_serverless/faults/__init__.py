"""Faults: the rules that describe them, and those in force. Knows nothing of what meets them."""
