"""What a model is, how its countings are found, and the tasks of a scan; each model is a room of its own."""
