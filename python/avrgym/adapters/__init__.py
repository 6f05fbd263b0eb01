"""One file for each foreign house."""
