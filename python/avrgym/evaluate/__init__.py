"""What a model can: held-out samples, its replies, and how many were right."""
