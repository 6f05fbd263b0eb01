"""What a model is shown and asked: views, templates, and pictures as its input."""
