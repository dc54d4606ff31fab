"""What asks a cube: opening it, queries, contours, published limits."""
