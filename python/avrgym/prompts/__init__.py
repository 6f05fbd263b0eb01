"""What a model is shown and asked: formats, templates, and pictures as its input."""
