"""What makes a cube: specs, plans, stores, the work of a block, the runner's job, submission."""
