"""After a restore from a checkpoint: what was random must not repeat what another copy draws."""

import binascii
import sys


def reseed(request: dict) -> None:
    """Reseeds the generators that are loaded; those that are not yet seed themselves."""
    seed = binascii.a2b_base64(request["seed"])
    random = sys.modules.get("random")
    if random is not None:
        random.seed(seed)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed([int.from_bytes(seed[at:at + 4], "little") for at in range(0, len(seed), 4)])
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile._name_sequence = None
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(int.from_bytes(seed[:8], "little"))
