"""What a carrier can do for us and what its words mean in ours."""
