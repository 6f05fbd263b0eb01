"""``python -m avrgym.cli``."""

from avrgym.cli.main import main

if __name__ == "__main__":
    main()
