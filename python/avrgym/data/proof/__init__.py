"""What :func:`avrgym.data.check` proves, piece by piece.

findings → strangers · repeats → surplus · remade → shard
"""
