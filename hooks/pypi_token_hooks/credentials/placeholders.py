"""Words that stand where a credential would: is this value an example, filling, or a reference?"""
from __future__ import annotations

_COUNTED = b"0123456789012345678909876543210 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RUN = 8  # characters in a row; a random token holds such a run once in 10^12

# What a reference begins and ends with, when it is the whole value (credential-store and CI syntaxes).
_WRAPPED = (
    ("${{", "}}"), ("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("${", "}"), ("$(", ")"), ("`", "`"), ("%(", ")s"),
    ("{", "}"), ("<<", ">>"), ("<", ">"), ("[", "]"), ("%", "%"), ("!", "!"), ("@", "@"), ("__", "__"), ("(", ")"),
    ("ENC[", "]"), ("#{", "}"),
)  # fmt: skip
_BEGINNINGS = (
    "$env:", "$$", "op://", "vault:", "secret://", "ssm:", "arn:aws", "secure:", "!vault", "!Ref", "!secret", "!Sub",
    "!GetAtt", "$ANSIBLE_VAULT", "secrets.", "env.", "vars.", "os.environ", "os.getenv", "getenv(", "getpass",
    "keyring.", "env(", "ENV[", "process.env", "credentials(", "config(", "config.", "settings.", "self.", "args.",
    "file(", "var.", "local.", "data.", "input(", "prompt(", "sops:", "%s", "{0}", "f\"{", "f'{",
)  # fmt: skip
_DUMMIES = frozenset(
    """
    pass passwd password passw0rd password1 password123 passphrase secret secrets token tokens auth key apikey
    api-key api_key changeme change-me change_me changeit example sample dummy fake test testing tests tester foo bar
    baz foobar hunter2 admin root user username name none null nil true false undefined empty todo fixme redacted
    hidden removed masked private public default value string str text bytes mypassword my-password my_password
    mypass mysecret my-secret my_secret mytoken my-token my_token yourpassword your-password your_password
    your_secret your-secret yourtoken your-token your_token pypi pypi-token pypi_token pypi-api-token api_token
    apitoken api-token accesstoken access-token access_token unique_token the-token the_password somepassword
    some-password some_password supersecret super-secret super_secret s3cr3t s3cret secretpassword secret123
    letmein qwerty abc123 pa55word p@ssw0rd p@ssword correcthorse koala credentials credential pwd pw p ok
    testpassword test-password test_password testpass test123 dummypassword fakepassword fake-token dummy-token
    test-token test_token sometoken some-token some_token sometoken yoursecret placeholder insert replace-me
    replace_me replaceme notasecret not-a-secret not_a_secret xxx xxxx tbd hello world helloworld opensesame
    """.split()
)
_TELLING = (
    "your", "example", "placeholder", "changeme", "change_me", "change-me", "replace", "redacted", "insert",
    "dummy", "<", "…", "...", "xxxx", "****", "••", "fake", "sample", "to-be-", "todo", "here>", "-here", "_here",
    "goes_here", "goes-here", "not-a-real", "notareal", "mypassword", "my-password", "my_password", "some_secret",
)  # fmt: skip


def _has_repeated_run(text: bytes) -> bool:
    """Tells whether a unit of one to four characters is repeated over at least eight."""
    return any(
        text[i : i + _RUN] == text[i + unit : i + unit + _RUN]
        for unit in range(1, 5)
        for i in range(len(text) - _RUN - unit + 1)
    )


def _has_counted_run(text: bytes) -> bool:
    return any(text[i : i + _RUN] in _COUNTED for i in range(len(text) - _RUN + 1))


def is_filled(text: bytes) -> bool:
    """Tells whether token-shaped text is filling: repeated, counted, or of too few different characters."""
    return len(set(text)) < 16 or _has_repeated_run(text) or _has_counted_run(text)


def default_of(value: str) -> str | None:
    """Returns the literal that stands in where a reference has nothing: `x` of `${VAR:-x}` and its kin."""
    text = value.strip()
    if text.startswith("${") and text.endswith("}"):
        for sign in (":-", ":=", "-", "="):
            name, found, default = text[2:-1].partition(sign)
            if found and name.replace("_", "").isalnum():
                return default.strip("\"'")
    if text.startswith("{{") and "default(" in text:
        inner = text.partition("default(")[2].partition(")")[0].split(",")[0].strip()
        return inner[1:-1] if inner[:1] in ("'", '"') and inner[-1:] == inner[:1] else None
    return None


def is_reference(value: str) -> bool:
    """Tells whether the whole value refers to a secret kept elsewhere: a variable, a vault, a command."""
    text = value.strip()
    if any(text.startswith(a) and text.endswith(b) and len(text) >= len(a) + len(b) for a, b in _WRAPPED):
        return True
    if text.startswith(_BEGINNINGS):
        return True
    name = text[1:].strip("\"'") if text[:1] == "$" else ""
    return bool(name) and name.replace("_", "").isalnum()


def is_dummy(value: str) -> bool:
    """Tells whether the value is an example: a dummy word, filling, or a sentence that asks for the real one."""
    text = value.strip().strip("\"'").casefold()
    if len(set(text)) < 4 or text in _DUMMIES or text.isdigit() and len(text) < 7:
        return True
    bare = text.strip("0123456789_-!.*")
    if bare in _DUMMIES or any(word in text for word in _TELLING):
        return True
    parts = [part for part in text.replace("_", "-").replace(".", "-").replace(" ", "-").split("-") if part]
    return bool(parts) and all(part in _DUMMIES or part.isdigit() for part in parts)


def is_truncated_token(value: str) -> bool:
    """Tells whether the value is the beginning of a token, as READMEs show it, or something named `pypi-`."""
    text = value.strip().strip("\"'")
    return text.startswith(("pypi-", "devpi-")) and len(text) < 85


def is_safe(value: str) -> bool:
    """Tells whether the value is no credential: a reference without a literal default, or an example."""
    default = default_of(value)
    if default is not None:
        return is_safe(default) if default else True
    return is_reference(value) or is_dummy(value) or is_truncated_token(value)
