"""What is searched for: one kind of search per file, one YAML file per experiment; found automatically."""
