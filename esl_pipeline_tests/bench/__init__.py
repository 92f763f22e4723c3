"""What a lesson costs, measured against the sandbox with realistic delays."""
