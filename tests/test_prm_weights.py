"""How many weights a scorer has, which FLOPs of a search are counted by."""

import pytest

import trained

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym import Picture
from avrgym.models.endpoint import Endpoint
from avrgym.prm.exact import Exact
from avrgym.prm.heads import Implicit, Token
from avrgym.prm.judge import Judge, Settings
from avrgym.prm.scorers import weights
from avrgym.prm.served import Served
from avrgym.prm.together import Together


def test_all_models_that_answer_are_counted_and_a_servers_is_unknown() -> None:
    picture, model = Picture(112, "compact"), trained.run().model
    one = trained.model()
    size = sum(part.numel() for part in one.model.parameters())
    token = Judge(Settings(head=Token(), model=model, picture=picture), one)
    two = Judge(Settings(head=Implicit(), model=model, picture=picture), one, trained.model())
    served = Served(Endpoint("http://localhost:9", "any"))
    assert (weights(Exact()), weights(token), weights(two)) == (0, size, 2 * size)
    assert weights(Together([Exact(), token, two])) == 3 * size
    assert weights(served) is None and weights(Together([token, served])) is None
