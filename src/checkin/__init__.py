"""Daily mood and hope check-ins, and a peer mentor who hears when someone is falling."""
