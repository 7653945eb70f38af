"""Secrets of every kind, hidden in ways, and what may stand around them: for properties of all that hides one."""
from __future__ import annotations

import base64
from collections.abc import Callable

from hypothesis import strategies as st

from tests import credential_corpus as corpus
from tests import hiding
from tests import mint
from tests.scanning import OWN

TOKENS = {name: token.encode() for name, token in mint.every_shape()}
# As a file has them, since anything may be glued to what hides them: of that the sample tells. What stands alone may be short.
LEAKS = {
    name: b"# how we release\n" * 12 + text.replace(corpus.MARK, corpus.password(21)).encode() + b"\n# the end\n" * 12
    for name, text in corpus.LEAKS.items()
}
SECRETS = {**TOKENS, **LEAKS, "own": OWN[0].secret.reveal()}

WAYS = {way.name: way for way in hiding.ALL}
OF_FILES = ("base64+0", "base64 mime 76", "hex", "percent", "\\u", "html decimal", "utf-16-le+mark")
_FILE = st.sampled_from(OF_FILES)
# the name of a secret, and those of the ways in which it is hidden
HIDDEN = st.one_of(
    st.tuples(st.sampled_from([*TOKENS]), st.tuples(st.sampled_from([*WAYS]))),
    st.tuples(st.sampled_from([*TOKENS]), st.tuples(st.sampled_from([way.name for way in hiding.REALISTIC]), _FILE)),
    st.tuples(st.sampled_from([*LEAKS, "own"]), st.one_of(st.tuples(), st.tuples(_FILE))),
)
GLUE = st.one_of(st.binary(max_size=64), st.text(max_size=40).map(str.encode), st.sampled_from([b"a" * 300, b"\0" * 99]))
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64-url": base64.urlsafe_b64encode,
    "hex": lambda text: text.hex().encode(),
    "percent": lambda text: b"".join(b"%%%02X" % byte for byte in text),
    "\\u": lambda text: b"".join(b"\\u%04x" % byte for byte in text),
    "html": lambda text: b"".join(b"&#%d;" % byte for byte in text),
}


def hide(hidden: tuple[str, tuple[str, ...]]) -> bytes:
    """Returns the bytes that hold the secret, hidden in these ways."""
    secret, ways = hidden
    return hiding.chained([WAYS[name] for name in ways])(SECRETS[secret])[0]
