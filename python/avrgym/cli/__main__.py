"""``python -m avrgym.cli``."""

from avrgym.cli import main

if __name__ == "__main__":
    main()
