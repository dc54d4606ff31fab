"""What leaves a cube: tables, figures, files, reproductions of papers."""
