"""Vision-language models: made from nothing or loaded, saved, asked."""
