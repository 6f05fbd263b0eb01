"""The page of ``avrgym play --serve``: problems seen, walked and judged in a browser."""
