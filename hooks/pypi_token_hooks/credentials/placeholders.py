"""A value in; out: whether it is an example, filling or a reference in place of a credential.

Imports nothing heavy: the clean path loads it on a machine that holds credentials.
"""
from pypi_token_hooks.credentials.references import default_of
from pypi_token_hooks.credentials.references import is_reference
from pypi_token_hooks.credentials.references import unquoted

__all__ = (
    "is_chosen", "is_dummy", "is_example", "is_filled", "is_filled_token", "is_filling", "is_reference", "is_safe",
    "is_truncated_token",
)

_COUNTED = b"0123456789012345678909876543210 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RUN = 8  # characters in a row; a random token holds such a run once in 10^12
_DIGITS, _SMALL = b"0123456789", b"abcdefghijklmnopqrstuvwxyz"
_PIECE = 3  # characters at least of what counts alone
_SHORT_RUN = 6  # characters in a row of what is shorter than a token; random text of that length holds such a run once in 10^7
MIN_TOKEN = 85  # characters, as in PyPI's published pattern (docs.pypi.org/api/secrets); what is shorter is no whole token
_START = 32  # characters at the beginning that all tokens of an index share: prefix and host (of up to 15 characters)
_MAX = 512  # characters: a longer value is no example
_SHOUTED = 12  # capital letters: a password of so many has something else, too
_IDENTIFIER = 12  # small letters and digits behind `pypi-`: more of them are rather a random password than a name

# A value of these words alone is an example: `your-api-token`, `MYLONGTOKENHERE`, `p4ssw0rd123`.
_LIST = """
a abc abcd abcde abcdef access account actual add admin an and anonymous any api apikey app appear application artifactory as
asdf at auth author bad bar base bash baz be bearer best blah bob bogus but by can canary cannot change changeit
changeme changethis ci clear client code company copied copy corp correct cred credential credentials creds custom
dash deadbeef def default define defined demo deploy dev devpi do docs doe does dont dummy duper dynamic edit eight email empty
enter entitlement env environ environment etc example examples expected expired fake fallback false fill filled filtered final five
fixme foo foobar for four from full generate generated get gets ghi github gitlab given glcbt gldt glpat go goes good
guest has hello here hidden hoge host hunter id identifier if ignore ignored in include includes including index
insert instead into invalid ipsum is it its joe john jwt keep key keyring keys koala leak leaked legacy letmein like
literal local login long lorem made maintainer mask masked may me mine mock must my name nan needed never new nexus
nil nine no none not nothing notreal null number of off oidc ok omitted on once one only op opensesame optional or org
organization other our output override own owner package packages pass passcode passphrase passw passwd password
passwords passwort paste pasted pat path personal placeholder please preferred prefix primary private prod production
project projects provide provided public publish publisher publishing put pw pwd pypi pypirc python qwerty random read
readonly real realm redacted release remove removed replace replaced repo repository required revoked root same sample scope
scoped secondary secret secrets secure see sekret sekrit sentinel server service set seven should show shown six so some
someone something somewhere starting starts store stored str string strong stuff super supersecret sure tba tbd temp
temporary test tested tester testing testpypi tests text that the their then there these thing this those three to
todo tok token tokens top true twine two type undefined unique unknown unset unused update upload uploads url use used
user username uses using usr valid value var variable very want was we what when where which will with without word
works world write wrong xxx xyz you your yours yourself
adgangskode anda aqui aquí chave chiave clave contrasena contrasenya contraseña de dein deine ditt eigen fort forte fuerte
geheim geheimes geheimnis geslo haslo hasło heslo hier ici ihr ihre il jelszo jelszó jeton jouw kata kennwort la lösenord
lozinka lykilorð mein meine meu mia mijn minha mio mot motdepasse nova novo nueva nuevo parola parole parool pasahitza passe
passord passwort qui robuste salasana sandi schluessel schlüssel secreta secreto segreto segura seguro senha seu sicher sichere
sicheres sicura sicuro şifre sifre slaptazodis slaptažodis sleutel starkes sterk sterke sua sécurisé tu tua tuo twoj twój veilig
veilige votre wachtwoord
"""
_WORDS = frozenset(_LIST.split())
_ALONE = frozenset(  # too short to be a part of others
    ("av", "do", "el", "en", "le", "ma", "mi", "min", "mitt", "mon", "na", "per", "su", "ta", "teva", "ton", "via")
)
_PHRASE = "correcthorsebatterystaple"  # of a comic about passwords, without what is between its words
_CALLED = ("pass", "passwd", "password", "pwd")  # how such a word ends
_CREDENTIALS = frozenset(("password", "passwd", "passphrase", "apikey", "credential", "credentials"))
_CONSTANTS = ("key", "pass", "pat", "pwd", "secret")  # how the name of a variable ends that holds one
_KEYS = ("api key", "access key", "auth key", "secret key", "client secret")
_OF_NAME = 2  # words at least
_STEP = 2  # digits of a number among them
_DOTS = ("...", "…", "⋯", "‥", "<snip>", "[snip]", "\\u2026", "&hellip;")
_QUOTING = "«‹„“‘【「『〈《⟨（＜"  # quotes and brackets of texts, which begin no password
_ROOTS = ("/", "./", "../", "~/")
_OF_PATHS = dict.fromkeys(map(ord, "/._-~"))
_PEOPLE = (
    "your", "placeholder", "redacted", "example", "insert", "changeme", "replace", "<", "dummy",
    "bogus", "fake", "aqui", "dein", "jouw", "seu", "sua", "tu", "tuo", "votre",
)
_SAYING = ("pass", "secret", "token", "cred", "example", "dummy", "fake", "change", "test", "demo", "your", "key")
_RULED = "!@#$%&*"
_OF_URLS = ("%3e", "%7d")  # brackets at the end, as URLs have them
_YEAR = 4  # digits
_LEET = str.maketrans("013457@$!|", "oleastasil")
_LONGEST = max(map(len, _WORDS))


def _has_repeated_run(text: bytes) -> bool:
    """Tells whether a unit of one to four characters is repeated over at least eight."""
    for unit in range(1, min(5, len(text))):
        size = len(text) - unit
        differences = int.from_bytes(text[:-unit], "big") ^ int.from_bytes(text[unit:], "big")
        if bytes(_RUN) in differences.to_bytes(size, "big"):
            return True
    return False


def _runs(text: bytes, size: int) -> "frozenset[bytes]":
    return frozenset([text[i : i + size] for i in range(len(text) - size + 1)])


_COUNTED_RUNS = {size: _runs(_COUNTED, size) for size in (_RUN, _SHORT_RUN)}


def _is_counted(text: bytes, size: int = _RUN) -> bool:
    """Tells whether the text is a sequence, or has one of so many characters."""
    return text in _COUNTED or not _COUNTED_RUNS[size].isdisjoint(_runs(text, size))


def _kinds(text: bytes) -> "tuple[bytes, bytes]":
    """Returns the letters of the text, in small, and its digits."""
    small = text.lower()
    digits = bytes(character for character in small if character in _DIGITS)
    return bytes(character for character in small if character in _SMALL), digits


def _is_sequence(text: bytes) -> bool:
    """Tells whether the text repeats itself, or repeats or counts over _RUN characters, also two sequences in turn: `a1b2`, `ab12cd34`."""
    letters, digits = _kinds(text)
    in_turns = any(all(map(_is_counted, pieces)) for pieces in ((text[::2], text[1::2]), (letters, digits)))
    if in_turns or _is_counted(text) or _has_repeated_run(text):
        return True
    repeating = (text, letters) if len(letters) > _START else (text,)  # of `FakeToken1FakeToken2…` the letters do
    return any(one[unit:] == one[:-unit] for one in repeating for unit in range(1, len(one) // 2 + 1))


def _is_counted_through(text: bytes) -> bool:
    """Tells whether all of the text counts: `123456`, the letters and digits of `a1b2c3d4`, each part of `12345678-1234-1234`."""
    if text in _COUNTED:
        return True
    parts, kinds = text.split(b"-"), _kinds(text)
    return any(
        len(pieces) > 1 and min(map(len, pieces)) >= _PIECE and all(map(_is_counted, pieces))
        for pieces in (parts, kinds if text.isalnum() and len(text) >= _RUN else ())
    )


def _is_mixed(text: bytes) -> bool:
    """Tells whether text has the mixture of random base64: words and names lack digits or capitals."""
    digits = sum(character in b"0123456789" for character in text)
    capitals = sum(65 <= character <= 90 for character in text)
    return digits * 20 >= len(text) and capitals * 10 >= len(text)


def is_filled(text: bytes) -> bool:
    """Tells whether token-shaped text is filling: repeated, counted, or of too few different characters."""
    return len(set(text)) < 16 or _is_sequence(text)


def is_filled_token(text: bytes) -> bool:
    """Tells whether a text that begins like a token continues as filling or as words."""
    rest = text[_START:]
    return is_filled(rest) or not _is_mixed(rest)


def _is_spelled(text: str) -> bool:
    """Tells whether the text, which has only letters, is a sequence of words of the list."""
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached.update(
                end for end in range(at + 1, min(len(text), at + _LONGEST) + 1) if text[at:end] in _WORDS
            )
    return len(text) in reached


def _is_words(text: str) -> bool:
    """Tells whether the text is words of the list, with digits and signs only between and around them."""
    parts = "".join(c if c.isalpha() else " " for c in text).split()
    return bool(parts) and all(part in _ALONE or _is_spelled(part) for part in parts)


def _is_hole(text: str) -> bool:
    """Tells whether the text shows that something is left out, by dots, stars, crosses or brackets."""
    if any(dots in text for dots in _DOTS) or text.strip("*•x#?-_.= ") == "" or text in ("~", "''", '""'):
        return True
    body = text.removeprefix("pypi-").removeprefix("devpi-")
    if len(set(body)) < 4 or (len(set(body)) < 6 and len(body) > 11):
        return True
    masked = any(sign * 4 in body for sign in "x#?") or any(sign * 3 in body for sign in "*•")
    return masked or text[0] in _QUOTING or (text[0] in "<[" and text[-1] in ">]" and not any(c.isdigit() for c in text))


def is_filling(value: str) -> bool:
    """Tells whether the value is left out, masked or counted, so that it is nobody's password."""
    text = unquoted(value).casefold()
    return not text or _is_hole(text) or _is_counted_through(text.encode("utf-8", "replace"))


def _follows_rules(text: str) -> bool:
    """Tells whether words are what rules for passwords make people choose: a capital, a year, one sign of those that rules name.

    `Company@2024` is somebody's password; `Password2024!` and `Example-2024` say what they are.
    """
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    others = [digit for digit in digits if len(digit) != 1]  # one alone stands for a letter
    has_year = len(others) == 1 and len(others[0]) == _YEAR and others[0][:2] in ("19", "20")
    plain = text.casefold().translate(_LEET)
    return has_year and any(map(str.isupper, text)) and any(c in _RULED for c in text) and not any(word in plain for word in _SAYING)


def is_dummy(value: str) -> bool:
    """Tells whether the value is an example: dummy words, filling, a sentence that asks for the real one."""
    text = unquoted(value).casefold()
    if len(text) > _MAX:
        return is_filled(text[:_MAX].encode("utf-8", "replace"))
    if is_filling(value):
        return True
    digits = "".join(c for c in text if c.isdigit())
    core = text.strip("0123456789!.?*_- ")
    if "".join(text.replace("-", " ").replace("_", " ").split()) == _PHRASE:
        return True
    if _is_words(core) or _is_words(core.translate(_LEET)):
        return not _follows_rules(unquoted(value))
    # somebody speaks to the reader: words alone, one of which says so
    words = "".join(c if c.isalpha() else " " for c in text).split()
    return not digits and any(word in words for word in _PEOPLE)


def _plain(value: str) -> str:
    """Returns the value with the characters for which escapes in it stand."""
    is_mail, is_page = "=" in value.rstrip("="), "&" in value and ";" in value
    if not (is_mail or is_page or "\\" in value or value[:1] == "<" or value.lower().endswith(_OF_URLS)):
        return value
    from pypi_token_hooks.credentials import escapes

    return escapes.undone(value)


def _is_in_another_script(value: str) -> bool:
    """Tells whether the value has letters that are not Latin, and no digit: it is an example in the language of its readers.

    No password has such letters, since HTTP sends it in Latin-1. They may be escaped, as in JSON.
    """
    value = _plain(value)
    return not value.isascii() and any(c > "\xff" and c.isalpha() for c in value) and not any(map(str.isdigit, value))


def _is_called_password(value: str) -> bool:
    """Tells whether the value is one word of small letters that says what it is, as in tests: `devpass`, `stevespassword`."""
    return value.isascii() and value.isalpha() and value.islower() and value.endswith(_CALLED)


def _is_shouted(value: str) -> bool:
    """Tells whether the value is capital letters alone, as in the name of what belongs there: `LETOKENQUEVOUSAVEZRECUPERE`."""
    return len(value) >= _SHOUTED and value.isascii() and value.isalpha() and value.isupper()


def _is_called_credential(value: str) -> bool:
    """Tells whether the value is words that name a credential: `JFROG_API_KEY`, `ldap-password`, `the token you copied in step 2`.

    A word alone is no name but a password, although a weak one.
    """
    words = value.casefold().replace("_", " ").replace("-", " ").split()
    plain = [word for word in words if word.isalpha()]
    if len(plain) < _OF_NAME or not all(word.isalpha() or (word.isdigit() and len(word) <= _STEP) for word in words):
        return False
    if value.isupper() and plain[-1] in _CONSTANTS:
        return True
    named = _CREDENTIALS.intersection(plain if value.isupper() else plain[-1:])
    return bool(named) or "token" in plain or " ".join(plain).endswith(_KEYS)


def is_example(value: str) -> bool:
    """Tells whether the value of a setting is an example by its looks. What this machine holds itself may look like that."""
    return _is_called_password(value) or _is_called_credential(value) or _is_in_another_script(value) or _is_shouted(value)


def is_chosen(text: str) -> bool:
    """Tells whether a value that may be an example is rather somebody's weak password: words and digits."""
    letters = "".join(c for c in text.casefold() if c.isalpha())
    asks = any(word in letters for word in ("token", "your")) or text[0] in "<[{($%"
    return len(set(letters)) > 3 and any(map(str.isdigit, text)) and not asks


def _ends_early(body: str) -> bool:
    """Tells whether the text is the beginning of a token, without the prefix, and ends before the signature does."""
    from pypi_token_hooks.credentials import macaroon

    text = body.encode("utf-8", "replace")
    if text.strip(macaroon.ALPHABET):
        return False
    try:
        macaroon.decode(text)
    except macaroon.EndsEarly:
        return True
    except macaroon.NotAMacaroon:
        return False
    return False


def is_truncated_token(value: str) -> bool:
    """Tells whether the value is a shortened token, as in READMEs, or a name like `pypi-upload`.

    A value as long as a token that is damaged, and not cut, is neither.
    """
    text = unquoted(value)
    prefix, sign, body = text.partition("-")
    if prefix not in ("pypi", "devpi") or not sign:
        return False
    plain = body.replace("-", "").replace("_", "")
    if len(text) >= MIN_TOKEN:
        return (body.startswith("Ag") and _ends_early(body)) or (body.islower() and plain.isalpha())
    is_name = body.islower() and (plain.isalpha() or (prefix == "pypi" and plain.isalnum() and len(plain) <= _IDENTIFIER))
    return is_name or body.startswith("Ag") or is_dummy(body) or is_reference(body)


def _is_filled_up(value: str) -> bool:
    """Tells whether the value is filling behind the beginning or the prefix of a token: `pypi-a1b2c3d4`."""
    text = unquoted(value)[:_MAX].encode("utf-8", "replace")
    body = text.removeprefix(b"pypi-").removeprefix(b"devpi-")
    if body.startswith(b"AgE"):
        return len(text) >= MIN_TOKEN and is_filled_token(text)
    return body != text and (_is_sequence(body) or (len(text) < MIN_TOKEN and _is_counted(body, _SHORT_RUN)))


def is_path(value: str) -> bool:
    """Tells whether the value is the path of a file in small letters, or the address of a page."""
    text = unquoted(value)
    if "://" in text:
        return "@" not in text
    plain = text.translate(_OF_PATHS)
    return text.startswith(_ROOTS) and plain.isalnum() and plain.islower() and plain.isascii()


def _is_safe(value: str) -> bool:
    default = default_of(value)
    if default is not None:
        return not default or _is_safe(default)
    return is_reference(value) or is_dummy(value) or is_truncated_token(value) or _is_filled_up(value) or is_path(value)


def is_safe(value: str) -> bool:
    """Tells whether the value, or what it stands for, is no credential: a reference without a literal default, an example, a path."""
    if _is_safe(value):
        return True
    plain = _plain(value)
    return plain != value and _is_safe(plain)
