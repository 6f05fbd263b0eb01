"""``python -m avrgym_command``."""

from avrgym_command import main

if __name__ == "__main__":
    main()
