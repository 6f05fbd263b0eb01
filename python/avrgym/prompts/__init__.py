"""What a model is shown and asked: formats, templates, messages, and pictures as its input."""

from avrgym.prompts.messages import openai

__all__ = ["openai"]
