"""Where packaging tools keep credentials: each tool's variables, files, keys and flags, as data.

The rule `index-credential` and the harvest of this machine's own credentials both read this table. `<NAME>` in a variable and
`*` in a dotted key stand for the name of an index.
"""
__all__ = (
    "DEFAULTS", "INDEX_HOSTS", "PUBLIC_USERS", "SECRET", "TOOLS", "URL", "File", "Flag", "Key", "Record", "Tool",
    "Variable",
)
TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple as Record
else:
    _NONE = object()

    def _field(index):  # a type checker sees a NamedTuple
        return property(lambda row: tuple.__getitem__(row, index))

    class Record(tuple):
        """A NamedTuple without `typing`, whose import would cost every commit 5 ms."""

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
    """An environment variable that a tool reads, or that people set for one."""

    name: str
    kind: str = SECRET


class File(Record):
    """A configuration file. `{NAME}` at the beginning of the path is an environment variable; DEFAULTS has its default."""

    path: str
    form: str  # pypirc, toml, ini, netrc, keyring
    systems: "tuple[str, ...]" = ("linux", "macos", "windows")


class Key(Record):
    """A dotted key in the tool's files: the sections, then the key."""

    name: str
    kind: str = SECRET


class Flag(Record):
    """A command, and the options of it that take a credential or an index URL."""

    command: tuple[str, ...]
    options: tuple[str, ...]
    kind: str = SECRET


class Tool(Record):
    """What one tool reads.

    Every commit loads the table, so it consists of constants, which the properties below turn into records. In a pair of strings,
    the words of the first name what holds a credential, those of the second what holds an index URL.
    """

    name: str
    variable_words: "tuple[str, str]" = ("", "")
    key_words: "tuple[str, str]" = ("", "")
    file_rows: "tuple[tuple[str, str, tuple[str, ...]], ...]" = ()
    flag_rows: "tuple[tuple[str, str, str], ...]" = ()  # a command, options for a credential, options for an index URL

    @property
    def variables(self) -> "tuple[Variable, ...]":
        return tuple(Variable(name, kind) for kind, words in _by_kind(self.variable_words) for name in words.split())

    @property
    def keys(self) -> "tuple[Key, ...]":
        return tuple(Key(name, kind) for kind, words in _by_kind(self.key_words) for name in words.split())

    @property
    def files(self) -> "tuple[File, ...]":
        return tuple(File(*row) for row in self.file_rows)

    @property
    def flags(self) -> "tuple[Flag, ...]":
        return tuple(
            Flag(tuple(command.split()), tuple(options.split()), kind)
            for command, *both in self.flag_rows
            for kind, options in _by_kind(both)
            if options
        )


def _by_kind(both: "Sequence[str]") -> "tuple[tuple[str, str], tuple[str, str]]":
    return (SECRET, both[0]), (URL, both[1])


EVERYWHERE = ("linux", "macos", "windows")
POSIX, LINUX, MACOS, WINDOWS = ("linux", "macos"), ("linux",), ("macos",), ("windows",)
DEFAULTS = {
    "XDG_CONFIG_HOME": "~/.config",
    "XDG_DATA_HOME": "~/.local/share",
    "APPDATA": "~/AppData/Roaming",
    "LOCALAPPDATA": "~/AppData/Local",
    "PROGRAMDATA": "C:/ProgramData",
}
_MACOS = "~/Library/Application Support/"

COMMON = ("INPUT", "REPOSITORY")  # how variables begin whose names those of many programs end with
TOOLS = (
    Tool(
        "twine",
        variable_words=(
            "TWINE_PASSWORD TWINE_TOKEN TWINE_API_TOKEN TWINE_API_KEY TWINE_PASS TWINE_PWD TWINE_<NAME>_PASSWORD",
            "TWINE_REPOSITORY_URL TWINE_REPOSITORY",
        ),
        file_rows=(("~/.pypirc", "pypirc", EVERYWHERE),),
        flag_rows=(
            ("twine upload", "-p --password", "--repository-url"),
            ("twine register", "-p --password", "--repository-url"),
        ),
    ),
    Tool(
        "uv",
        variable_words=(
            "UV_PUBLISH_TOKEN UV_PUBLISH_PASSWORD UV_INDEX_<NAME>_PASSWORD PYX_API_KEY UV_API_KEY PYX_AUTH_TOKEN UV_AUTH_TOKEN",
            "UV_PUBLISH_URL UV_INDEX UV_DEFAULT_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_FIND_LINKS",
        ),
        key_words=(
            "credential.password credential.token",
            (
                "index.url index.publish-url index-url extra-index-url find-links publish-url pip.index-url"
                " pip.extra-index-url pip.find-links"
            ),
        ),
        file_rows=(
            ("{UV_CREDENTIALS_DIR}/credentials.toml", "toml", EVERYWHERE),
            ("{XDG_DATA_HOME}/uv/credentials/credentials.toml", "toml", POSIX),
            ("{APPDATA}/uv/data/credentials/credentials.toml", "toml", WINDOWS),
            ("{UV_CONFIG_FILE}", "toml", EVERYWHERE),
            ("{XDG_CONFIG_HOME}/uv/uv.toml", "toml", POSIX),
            ("/etc/uv/uv.toml", "toml", POSIX),
            ("{APPDATA}/uv/uv.toml", "toml", WINDOWS),
            ("{PROGRAMDATA}/uv/uv.toml", "toml", WINDOWS),
        ),
        flag_rows=(
            ("uv publish", "-t --token -p --password", "--publish-url --check-url"),
            ("uv auth login", "-t --token --password", ""),
            ("uv", "", "--index --default-index --index-url --extra-index-url --find-links"),
        ),
    ),
    Tool(
        "poetry",
        variable_words=(
            "POETRY_PYPI_TOKEN_<NAME> POETRY_HTTP_BASIC_<NAME>_PASSWORD POETRY_PASSWORD POETRY_PUBLISH_PASSWORD",
            "POETRY_REPOSITORIES_<NAME>_URL",
        ),
        key_words=("pypi-token.* http-basic.*.password", "repositories.*.url"),
        file_rows=(
            ("{POETRY_CONFIG_DIR}/auth.toml", "toml", EVERYWHERE),
            ("{POETRY_CONFIG_DIR}/config.toml", "toml", EVERYWHERE),
            ("{XDG_CONFIG_HOME}/pypoetry/auth.toml", "toml", LINUX),
            ("{XDG_CONFIG_HOME}/pypoetry/config.toml", "toml", LINUX),
            (_MACOS + "pypoetry/auth.toml", "toml", MACOS),
            (_MACOS + "pypoetry/config.toml", "toml", MACOS),
            ("{APPDATA}/pypoetry/auth.toml", "toml", WINDOWS),
            ("{APPDATA}/pypoetry/config.toml", "toml", WINDOWS),
        ),
        flag_rows=(
            ("poetry publish", "-p --password", ""),
            ("poetry config", "pypi-token.* http-basic.*", ""),  # pragma: allowlist secret
        ),
    ),
    Tool(
        "pdm",
        variable_words=("PDM_PUBLISH_PASSWORD PDM_PYPI_PASSWORD", "PDM_PUBLISH_REPO PDM_PYPI_URL"),
        key_words=("repository.*.password pypi.password pypi.*.password", "repository.*.url pypi.url pypi.*.url"),
        file_rows=(
            ("{PDM_CONFIG_FILE}", "toml", EVERYWHERE),
            ("{XDG_CONFIG_HOME}/pdm/config.toml", "toml", LINUX),
            ("/etc/xdg/pdm/config.toml", "toml", LINUX),
            (_MACOS + "pdm/config.toml", "toml", MACOS),
            ("{LOCALAPPDATA}/pdm/pdm/config.toml", "toml", WINDOWS),
        ),
        flag_rows=(
            ("pdm publish", "-P --password", "-r --repository"),
            ("pdm config", "repository.*.password pypi.password pypi.*.password", ""),
        ),
    ),
    Tool(
        "hatch",
        variable_words=("HATCH_INDEX_AUTH", "HATCH_INDEX_REPO"),
        key_words=("publish.index.auth publish.index.repos.*.auth", "publish.index.repo publish.index.repos.*.url"),
        file_rows=(
            ("{HATCH_CONFIG}", "toml", EVERYWHERE),
            ("{XDG_CONFIG_HOME}/hatch/config.toml", "toml", LINUX),
            (_MACOS + "hatch/config.toml", "toml", MACOS),
            ("{LOCALAPPDATA}/hatch/config.toml", "toml", WINDOWS),
        ),
        flag_rows=(
            ("hatch publish", "-a --auth", "-r --repo"),
            ("hatch config set", "publish.index.auth publish.index.repos.*.auth", ""),  # pragma: allowlist secret
        ),
    ),
    Tool("flit", variable_words=("FLIT_PASSWORD", "FLIT_INDEX_URL")),
    Tool(
        "maturin",
        variable_words=("MATURIN_PYPI_TOKEN MATURIN_PASSWORD", "MATURIN_REPOSITORY_URL"),
        flag_rows=(
            ("maturin publish", "-p --password", "--repository-url"),
            ("maturin upload", "-p --password", "--repository-url"),
        ),
    ),
    Tool(
        "pip",
        variable_words=("PIP_PASSWORD PIP_INDEX_PASSWORD", "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_PROXY"),
        key_words=("", "*.index-url *.extra-index-url *.find-links *.index *.proxy"),
        file_rows=(
            ("{PIP_CONFIG_FILE}", "ini", EVERYWHERE),
            ("{XDG_CONFIG_HOME}/pip/pip.conf", "ini", POSIX),
            ("~/.pip/pip.conf", "ini", POSIX),
            (_MACOS + "pip/pip.conf", "ini", MACOS),
            ("/Library/Application Support/pip/pip.conf", "ini", MACOS),
            ("{VIRTUAL_ENV}/pip.conf", "ini", POSIX),
            ("/etc/pip.conf", "ini", POSIX),
            ("/etc/xdg/pip/pip.conf", "ini", LINUX),
            ("{APPDATA}/pip/pip.ini", "ini", WINDOWS),
            ("~/pip/pip.ini", "ini", WINDOWS),
            ("{PROGRAMDATA}/pip/pip.ini", "ini", WINDOWS),
            ("{VIRTUAL_ENV}/pip.ini", "ini", WINDOWS),
        ),
        flag_rows=(("pip", "", "-i --index-url --extra-index-url -f --find-links --proxy"),),
    ),
    Tool(
        "buildout",
        key_words=("", "buildout.index buildout.find-links"),
        file_rows=(("~/.buildout/default.cfg", "ini", EVERYWHERE),),
    ),
    Tool("setuptools", key_words=("", "easy_install.index_url easy_install.find_links")),
    Tool(
        "pipenv",
        variable_words=("", "PIPENV_PYPI_MIRROR"),
        flag_rows=(("pipenv", "", "--pypi-mirror -i --index"),),
    ),
    Tool(
        "project files",
        key_words=(
            "tool.pdm.source.password",  # pragma: allowlist secret
            (
                "source.url sources.url tool.poetry.source.url tool.pdm.source.url tool.uv.index.url tool.uv.index.publish-url"
                " tool.uv.publish-url tool.uv.index-url tool.uv.extra-index-url tool.uv.find-links"
            ),
        ),
    ),
    Tool(
        "netrc",
        file_rows=(
            ("{NETRC}", "netrc", EVERYWHERE),
            ("~/.netrc", "netrc", EVERYWHERE),
            ("~/_netrc", "netrc", EVERYWHERE),
        ),
    ),
    Tool("gh-action-pypi-publish", variable_words=("INPUT_PASSWORD", "INPUT_REPOSITORY_URL")),
    Tool("azure artifacts", variable_words=("AZURE_ARTIFACTS_TOKEN", "")),
    Tool("codeartifact", variable_words=("CODEARTIFACT_AUTH_TOKEN CODEARTIFACT_TOKEN", "")),
    Tool(
        "gemfury",
        variable_words=(
            "FURY_TOKEN FURY_AUTH_TOKEN FURY_API_TOKEN FURY_PUSH_TOKEN GEMFURY_TOKEN GEMFURY_AUTH_TOKEN GEMFURY_API_TOKEN",
            "",
        ),
        flag_rows=(("fury push", "--api-token", ""),),
    ),
    Tool(
        "devpi",
        variable_words=("DEVPI_PASSWORD DEVPI_TOKEN DEVPI_<NAME>_PASSWORD DEVPISERVER_ROOT_PASSWORD", ""),
        flag_rows=(
            ("devpi-server", "--root-passwd", ""),
            ("devpi-init", "--root-passwd", ""),
            ("devpi login", "--password", ""),
            ("devpi user", "password", ""),
        ),
    ),
    Tool(
        "rye",
        key_words=("pypi.token tool.rye.sources.password sources.password", "tool.rye.sources.url"),  # pragma: allowlist secret
        file_rows=(
            ("~/.rye/credentials", "toml", EVERYWHERE),
            ("~/.rye/config.toml", "toml", EVERYWHERE),
        ),
        flag_rows=(("rye publish", "--token", ""),),
    ),
    Tool("pixi", key_words=("", "pypi-options.index-url pypi-options.extra-index-urls")),
    Tool("rules_python", key_words=("", "pip.parse.experimental_index_url pip.parse.experimental_extra_index_urls")),
    Tool(
        "jfrog",
        flag_rows=(
            ("jf pip-config", "--password", ""),
            ("jf pipc", "--password", ""),
            ("jf rt pip-config", "--password", ""),
            ("jf rt pipc", "--password", ""),
            ("jfrog rt pip-config", "--password", ""),
            ("jfrog rt pipc", "--password", ""),
        ),
    ),
    Tool("semantic-release", variable_words=("REPOSITORY_PASSWORD", "REPOSITORY_URL")),
    Tool("cibuildwheel", variable_words=("", "CIBW_ENVIRONMENT")),
    Tool(
        "by custom",
        variable_words=(
            (
                "PYPI_TOKEN PYPI_PASSWORD PYPI_API_TOKEN PYPI_API_KEY PYPI_SECRET PYPI_API_SECRET PYPI_PASS PYPI_PASSWD PYPI_PWD PYPI_PW"
                " PYPI_KEY PYPI_AUTH PYPI_<NAME>_TOKEN PYPI_<NAME>_PASSWORD TOK_PYPI TOKEN_PYPI PASSWORD_PYPI"
            ),
            (
                "PYPI_URL PYPI_INDEX_URL PYPI_REPOSITORY_URL PYPI_INDEX PYPI_MIRROR PYPI_SERVER PYPI_REGISTRY PYPI_REPO PYPI_REPOSITORY"
                " PIP_INDEX PIP_MIRROR"
            ),
        ),
    ),
    Tool(
        "keyring",
        file_rows=(
            ("{XDG_DATA_HOME}/python_keyring/keyring_pass.cfg", "keyring", POSIX),
            ("{LOCALAPPDATA}/Python Keyring/keyring_pass.cfg", "keyring", WINDOWS),
        ),
    ),
)

# parts of hosts and paths that belong to package indexes
INDEX_HOSTS = (
    "pypi", "devpi", "fury.io", ".pkg.dev", ".codeartifact.", "pkgs.dev.azure.com", "pkgs.visualstudio.com",
    ".jfrog.io", "python.cloudsmith.io", "pyx.dev",
)

# user names that are no secret: fixed ones, which tools and indexes ask for beside a token
PUBLIC_USERS = (
    "__token__", "oauth2accesstoken", "vsssessiontoken", "aws", "git", "gitlab-ci-token", "x-access-token",  # pragma: allowlist secret
    "oauth2", "token", "_json_key_base64", "_json_key", "private-token", "x-token-auth", "build",
)
