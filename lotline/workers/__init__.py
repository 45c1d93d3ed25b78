"""What goes on without anybody asking: `step` functions, and one loop that sleeps."""
