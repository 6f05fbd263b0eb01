"""The command as tests run it."""

import pytest


class Command:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Its exit code, and what it said to whom."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            from avrgym.cli import main

            main([str(argument) for argument in arguments])
        said = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err
