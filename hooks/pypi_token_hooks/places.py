"""Where packaging tools keep credentials: each tool's variables, files, keys and flags. Data, and no more.

One source for the detector of `index-credential`, the harvest of this machine's own credentials and the docs.
`<NAME>` in a variable, and `*` in a dotted key, stand for the name of an index.
"""
__all__ = (
    "DEFAULTS", "INDEX_HOSTS", "INDEX_PATHS", "PUBLIC_USERS", "SECRET", "TOOLS", "URL", "File", "Flag", "Key", "Record", "Tool",
    "Variable",
)  # fmt: skip
TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from typing import Any
    from typing import NamedTuple as Record
else:
    _NONE = object()

    def _field(index):  # a type checker sees a NamedTuple
        return property(lambda row: tuple.__getitem__(row, index))

    class Record(tuple):
        """A NamedTuple without `typing`, which would cost every commit 5 ms."""

        __slots__ = ()

        def __init_subclass__(cls):
            cls._fields = tuple(cls.__annotations__)
            cls._defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
            defaults = tuple(cls._defaults.get(name, _NONE) for name in cls._fields)
            cls._rest = [defaults[index:] for index in range(len(defaults))]
            for index, name in enumerate(cls._fields):
                setattr(cls, name, _field(index))

        def __new__(cls, *values, **named):
            if named:
                values += tuple(named.pop(name, cls._defaults.get(name, _NONE)) for name in cls._fields[len(values) :])
            elif len(values) < len(cls._fields):
                values += cls._rest[len(values)]
            if named or _NONE in values or len(values) != len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return tuple.__new__(cls, values)

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({said})"

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **named):
            return type(self)(**{**self._asdict(), **named})


SECRET, URL = "secret", "url"  # the value is a credential, or a URL that may hold one


class Variable(Record):
    """An environment variable, or a name that people give to one."""

    name: str
    kind: str = SECRET


class File(Record):
    """A configuration file: `{NAME}` is a variable of the environment, with the default in DEFAULTS."""

    path: str
    form: str  # pypirc, toml, ini, netrc, keyring
    systems: tuple[str, ...] = ("linux", "macos", "windows")


class Key(Record):
    """A dotted key of the tool's files: sections, then the key."""

    name: str
    kind: str = SECRET


class Flag(Record):
    """A command, and those of its options that take a credential or an index URL."""

    command: tuple[str, ...]
    options: tuple[str, ...]
    kind: str = SECRET


class Tool(Record):
    """What one tool reads."""

    name: str
    variables: tuple[Variable, ...] = ()
    files: tuple[File, ...] = ()
    keys: tuple[Key, ...] = ()
    flags: tuple[Flag, ...] = ()


def _rows(kind: type, secrets: str, urls: str) -> "tuple[Any, ...]":
    """Returns a row of a name and what it holds for each word; made without the checks, for speed."""
    make = tuple.__new__
    return (*[make(kind, (name, SECRET)) for name in secrets.split()], *[make(kind, (name, URL)) for name in urls.split()])


def _variables(secrets: str, urls: str = "") -> tuple[Variable, ...]:
    return _rows(Variable, secrets, urls)


def _keys(secrets: str, urls: str = "") -> tuple[Key, ...]:
    return _rows(Key, secrets, urls)


def _flags(command: str, secrets: str, urls: str = "") -> tuple[Flag, ...]:
    """Returns the flags of the command: its words, and its options as they stand on a command line."""
    words = tuple(command.split())
    both = (Flag(words, tuple(secrets.split()), SECRET), Flag(words, tuple(urls.split()), URL))
    return both if secrets and urls else both[:1] if secrets else both[1:]


POSIX, LINUX, MACOS, WINDOWS = ("linux", "macos"), ("linux",), ("macos",), ("windows",)
DEFAULTS = {
    "XDG_CONFIG_HOME": "~/.config",
    "XDG_DATA_HOME": "~/.local/share",
    "APPDATA": "~/AppData/Roaming",
    "LOCALAPPDATA": "~/AppData/Local",
    "PROGRAMDATA": "C:/ProgramData",
}
_MACOS = "~/Library/Application Support/"

TOOLS = (
    Tool(
        "twine",
        _variables("TWINE_PASSWORD", "TWINE_REPOSITORY_URL TWINE_REPOSITORY"),
        (File("~/.pypirc", "pypirc"),),
        flags=(
            *_flags("twine upload", "-p --password", "--repository-url"),
            *_flags("twine register", "-p --password", "--repository-url"),
        ),
    ),
    Tool(
        "uv",
        _variables(
            "UV_PUBLISH_TOKEN UV_PUBLISH_PASSWORD UV_INDEX_<NAME>_PASSWORD"
            " PYX_API_KEY UV_API_KEY PYX_AUTH_TOKEN UV_AUTH_TOKEN",
            "UV_PUBLISH_URL UV_INDEX UV_DEFAULT_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_FIND_LINKS",
        ),
        (
            File("{UV_CREDENTIALS_DIR}/credentials.toml", "toml"),
            File("{XDG_DATA_HOME}/uv/credentials/credentials.toml", "toml", POSIX),
            File("{APPDATA}/uv/data/credentials/credentials.toml", "toml", WINDOWS),
            File("{UV_CONFIG_FILE}", "toml"),
            File("{XDG_CONFIG_HOME}/uv/uv.toml", "toml", POSIX),
            File("/etc/uv/uv.toml", "toml", POSIX),
            File("{APPDATA}/uv/uv.toml", "toml", WINDOWS),
            File("{PROGRAMDATA}/uv/uv.toml", "toml", WINDOWS),
        ),
        _keys(
            "credential.password credential.token",
            "index.url index.publish-url index-url extra-index-url find-links publish-url"
            " pip.index-url pip.extra-index-url pip.find-links",
        ),
        (
            *_flags("uv publish", "-t --token -p --password", "--publish-url --check-url"),
            *_flags("uv auth login", "-t --token --password"),
            *_flags("uv", "", "--index --default-index --index-url --extra-index-url --find-links"),
        ),
    ),
    Tool(
        "poetry",
        _variables(
            "POETRY_PYPI_TOKEN_<NAME> POETRY_HTTP_BASIC_<NAME>_PASSWORD", "POETRY_REPOSITORIES_<NAME>_URL"
        ),
        tuple(
            File(folder + name, "toml", systems)
            for folder, systems in (
                ("{POETRY_CONFIG_DIR}/", POSIX + WINDOWS), ("{XDG_CONFIG_HOME}/pypoetry/", LINUX),
                (_MACOS + "pypoetry/", MACOS), ("{APPDATA}/pypoetry/", WINDOWS),
            )
            for name in ("auth.toml", "config.toml")
        ),
        _keys("pypi-token.* http-basic.*.password", "repositories.*.url"),
        (
            *_flags("poetry publish", "-p --password"),
            *_flags("poetry config", "pypi-token.* http-basic.*"),  # pragma: allowlist secret
        ),
    ),
    Tool(
        "pdm",
        _variables("PDM_PUBLISH_PASSWORD PDM_PYPI_PASSWORD", "PDM_PUBLISH_REPO PDM_PYPI_URL"),
        (
            File("{PDM_CONFIG_FILE}", "toml"),
            File("{XDG_CONFIG_HOME}/pdm/config.toml", "toml", LINUX),
            File("/etc/xdg/pdm/config.toml", "toml", LINUX),
            File(_MACOS + "pdm/config.toml", "toml", MACOS),
            File("{LOCALAPPDATA}/pdm/pdm/config.toml", "toml", WINDOWS),
        ),
        _keys("repository.*.password pypi.password pypi.*.password", "repository.*.url pypi.url pypi.*.url"),
        (
            *_flags("pdm publish", "-P --password", "-r --repository"),
            *_flags("pdm config", "repository.*.password pypi.password pypi.*.password"),
        ),
    ),
    Tool(
        "hatch",
        _variables("HATCH_INDEX_AUTH", "HATCH_INDEX_REPO"),
        (
            File("{HATCH_CONFIG}", "toml"),
            File("{XDG_CONFIG_HOME}/hatch/config.toml", "toml", LINUX),
            File(_MACOS + "hatch/config.toml", "toml", MACOS),
            File("{LOCALAPPDATA}/hatch/config.toml", "toml", WINDOWS),
        ),
        _keys(
            "publish.index.auth publish.index.repos.*.auth", "publish.index.repo publish.index.repos.*.url"
        ),
        (
            *_flags("hatch publish", "-a --auth", "-r --repo"),
            *_flags("hatch config set", "publish.index.auth publish.index.repos.*.auth"),  # pragma: allowlist secret
        ),
    ),
    Tool("flit", _variables("FLIT_PASSWORD", "FLIT_INDEX_URL")),
    Tool(
        "maturin",
        _variables("MATURIN_PYPI_TOKEN MATURIN_PASSWORD", "MATURIN_REPOSITORY_URL"),
        flags=(
            *_flags("maturin publish", "-p --password", "--repository-url"),
            *_flags("maturin upload", "-p --password", "--repository-url"),
        ),
    ),
    Tool(
        "pip",
        _variables("", "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_PROXY"),
        (
            File("{PIP_CONFIG_FILE}", "ini"),
            File("{XDG_CONFIG_HOME}/pip/pip.conf", "ini", POSIX),
            File("~/.pip/pip.conf", "ini", POSIX),
            File(_MACOS + "pip/pip.conf", "ini", MACOS),
            File("/Library/Application Support/pip/pip.conf", "ini", MACOS),
            File("{VIRTUAL_ENV}/pip.conf", "ini", POSIX),
            File("/etc/pip.conf", "ini", POSIX),
            File("/etc/xdg/pip/pip.conf", "ini", LINUX),
            File("{APPDATA}/pip/pip.ini", "ini", WINDOWS),
            File("~/pip/pip.ini", "ini", WINDOWS),
            File("{PROGRAMDATA}/pip/pip.ini", "ini", WINDOWS),
            File("{VIRTUAL_ENV}/pip.ini", "ini", WINDOWS),
        ),
        _keys("", "*.index-url *.extra-index-url *.find-links *.index *.proxy"),
        _flags("pip", "", "-i --index-url --extra-index-url -f --find-links --proxy"),
    ),
    Tool("setuptools", keys=_keys("", "easy_install.index_url easy_install.find_links")),
    Tool(
        "pipenv",
        _variables("", "PIPENV_PYPI_MIRROR"),
        flags=_flags("pipenv", "", "--pypi-mirror -i --index"),
    ),
    Tool(
        "project files",
        keys=_keys(
            "",
            "source.url sources.url tool.poetry.source.url tool.pdm.source.url tool.uv.index.url"
            " tool.uv.index.publish-url tool.uv.publish-url tool.uv.index-url tool.uv.extra-index-url"
            " tool.uv.find-links",
        ),
    ),
    Tool(
        "netrc", files=(File("{NETRC}", "netrc"), File("~/.netrc", "netrc"), File("~/_netrc", "netrc"))
    ),
    Tool("gh-action-pypi-publish", _variables("INPUT_PASSWORD", "INPUT_REPOSITORY_URL")),
    Tool("azure artifacts", _variables("AZURE_ARTIFACTS_TOKEN")),
    Tool("codeartifact", _variables("CODEARTIFACT_AUTH_TOKEN")),
    Tool(
        "gemfury",
        _variables("FURY_TOKEN GEMFURY_TOKEN FURY_AUTH_TOKEN FURY_PUSH_TOKEN"),
        flags=_flags("fury push", "--api-token"),
    ),
    Tool("devpi", _variables("DEVPI_PASSWORD"), flags=(*_flags("devpi login", "--password"), *_flags("devpi user", "password"))),
    Tool("rye", flags=_flags("rye publish", "--token")),
    Tool("jfrog", flags=(*_flags("jf pip-config", "--password"), *_flags("jf rt pip-config", "--password"))),
    Tool("semantic-release", _variables("REPOSITORY_PASSWORD", "REPOSITORY_URL")),
    Tool("cibuildwheel", _variables("", "CIBW_ENVIRONMENT")),
    Tool(
        "by custom",
        _variables(
            "PYPI_TOKEN PYPI_PASSWORD PYPI_API_TOKEN PYPI_API_KEY PYPI_SECRET PYPI_PASS PYPI_PASSWD PYPI_PWD"
            " PYPI_KEY PYPI_AUTH PYPI_<NAME>_TOKEN PYPI_<NAME>_PASSWORD TOK_PYPI TOKEN_PYPI PASSWORD_PYPI"
        ),
    ),
    Tool(
        "keyring",
        files=(
            File("{XDG_DATA_HOME}/python_keyring/keyring_pass.cfg", "keyring", POSIX),
            File("{LOCALAPPDATA}/Python Keyring/keyring_pass.cfg", "keyring", WINDOWS),
        ),
    ),
)

# what in a host or a path says that it is a package index
INDEX_HOSTS = (
    "pypi", "devpi", "fury.io", ".pkg.dev", ".codeartifact.", "pkgs.dev.azure.com", "pkgs.visualstudio.com",
    ".jfrog.io", "python.cloudsmith.io", "pyx.dev",
)
INDEX_PATHS = ("/simple", "/pypi", "/legacy", "/+simple", "/+f/")

# user names that are no secret, alone or before one
PUBLIC_USERS = (
    "__token__", "oauth2accesstoken", "vsssessiontoken", "aws", "git", "gitlab-ci-token", "x-access-token",  # pragma: allowlist secret
    "oauth2", "token", "_json_key_base64", "_json_key", "private-token", "x-token-auth", "build",
)
