"""The `repository` of a section of a `.pypirc` in; out: the indexes that it may mean, and what is wrong with it."""
from __future__ import annotations

from collections.abc import Iterator

from pypi_token_hooks.credentials.pypirc import URLS
from pypi_token_hooks.credentials.pypirc_value import PRIVATE
from pypi_token_hooks.credentials.pypirc_value import PYPI
from pypi_token_hooks.credentials.pypirc_value import TESTPYPI
from pypi_token_hooks.credentials.pypirc_value import Problem
from pypi_token_hooks.credentials.pypirc_value import commented
from pypi_token_hooks.credentials.pypirc_value import framed
from pypi_token_hooks.credentials.pypirc_value import is_stray
from pypi_token_hooks.credentials.pypirc_value import without_comment

NAMES = {"pypi": PYPI, "testpypi": TESTPYPI}  # a server of this name -> the index it stands for
UPLOADS = {PYPI: URLS["pypi"], TESTPYPI: URLS["testpypi"]}
_SITES = ("pypi.org", "pypi.python.org", "testpypi.python.org", "pypi.io")  # domains of PyPI and TestPyPI
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


def _host(url: str) -> str:
    """Returns the host of an address, without user and port."""
    authority = url.partition("://")[2].replace("\\", "/").partition("/")[0].partition("?")[0].partition("#")[0]
    host = authority.rpartition("@")[2].lower()
    host = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return host.rstrip(".")


def _reached(url: str) -> str:
    """Returns the index to which an address belongs, even if that takes no uploads there."""
    host = _host(url)
    if not any(host == site or host.endswith("." + site) for site in _SITES):
        return PRIVATE
    return TESTPYPI if host.startswith("test") else PYPI


def _core(value: str) -> tuple[str, str, bool]:
    """Returns the bare address, the value without a comment, and whether there was a comment."""
    head, has_comment = without_comment(value)
    return "".join(c for c in head if not is_stray(c)), head, has_comment


def indexes(name: str, address: str | None) -> tuple[str, ...]:
    """Returns the indexes that a server may be: the one of its name, and the one of its address if that is another."""
    named = NAMES.get(name.lower())
    if address is None:
        return (PRIVATE, PYPI, TESTPYPI) if named is None else (named,)
    reached = _reached(_core(address)[0])
    return (reached,) if named is None or named == reached else (named, reached)


def judge(name: str, value: str, line: int) -> Iterator[Problem]:
    """Yields what is wrong with the address `value` of the server `name`; `line` is its number, for the remedy."""
    url, head, has_comment = _core(value)
    if has_comment:
        yield commented("address")
    if url != head:
        yield framed(head, "address")
    index = NAMES.get(name.lower()) or _reached(url)
    scheme, _, rest = url.partition("://")
    right = UPLOADS.get(index)
    mend = f"write line {line} as: repository = {right}" if right else "Begin the address with https:// instead."
    if scheme.lower() == "http" and _host(url) not in _LOCAL:
        yield Problem("insecure-url", "the address begins with http://: everybody on the way can read what is sent", mend)
    is_web = scheme.lower() in ("http", "https")
    if not right and not is_web:
        yield Problem("repository-url", "this is no address: it does not begin with https://", mend)
    if right and (f"https://{rest}" != right or not is_web):
        if _reached(url) == PRIVATE and rest:
            mend = f"Give this section another name, or write as its address {right} instead."
        yield Problem("repository-url", f"this is not the address for uploads to {index}", mend)
