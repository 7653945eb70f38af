"""The syntaxes in which a setting has a value: a name and a value in, text of each medium out; and values of many sorts."""
from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from typing import NamedTuple

from pypi_token_hooks import places
from tests.credential_corpus import password


class Medium(NamedTuple):
    """A syntax: the text around `{name}` and `{value}`, how it writes a value, and the signs that it cannot hold."""

    text: str
    written: Callable[[str], str]
    cannot: str = ""

    def holds(self, value: str) -> bool:
        """Tells whether people would write the value like this."""
        if " = {value}" in self.text and self.written is raw and value.isalpha():
            return False  # in Python it would be a variable
        if self.written is plain and (value[0] in "!&*-?:,[]{}#|>@`\"'%" or value.endswith(("=", ":"))):
            return False
        return not set(value) & set(self.cannot)

    def of(self, name: str, value: str) -> str:
        return self.text.replace("{name}", name).replace("{value}", self.written(value))


def raw(value: str) -> str:
    return value


def plain(value: str) -> str:
    """Writes a plain scalar of YAML."""
    return value


def shell(value: str) -> str:
    return '"' + "".join("\\" + c if c in '"\\$`' else c for c in value) + '"'


def powershell(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def xml(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def cell(value: str) -> str:
    return json.dumps(f'os.environ["TWINE_PASSWORD"] = {value!r}\n')


def named(kind: str) -> list[str]:
    """Returns the names of the variables of a kind that the table of tools has."""
    variables = (variable for tool in places.TOOLS for variable in tool.variables)
    return [variable.name.replace("<NAME>", "CORP") for variable in variables if variable.kind == kind]


WORD = " \t'\"\\$`;&|<>()#*?~{}[]!^%"  # what a word of a shell cannot hold
SCALAR = ",[]{}: "  # what a plain scalar within brackets cannot hold
LITERAL = "'\\\n"  # what a string in single quotes cannot hold

MEDIA = {
    # shells
    "export": Medium("export {name}={value}\n", raw, WORD),
    "export in single quotes": Medium("export {name}='{value}'\n", raw, "'"),
    "export in double quotes": Medium("export {name}={value}\n", shell),
    "before a command": Medium("{name}={value} twine upload dist/*\n", raw, WORD),
    "second before a command": Medium("X=1 {name}='{value}' make\n", raw, "'"),
    "env": Medium("env {name}={value} make\n", raw, WORD),
    "sudo": Medium("sudo {name}={value} pip install x\n", raw, WORD),
    "declare": Medium('declare -x {name}="{value}"\n', raw, WORD),
    "env file": Medium("A=b\n{name}={value}\nC=d\n", raw, "\"'\\ $`#"),
    "env file in quotes": Medium('{name}="{value}"\n', raw, '"\\'),
    "printenv": Medium("PATH=/bin\n{name}={value}\nHOME=/root\n", raw),
    "trace": Medium("+ export {name}={value}\n", raw, WORD),
    "default": Medium('X="${{name}:-{value}}"\n', raw, WORD),
    "default assigned": Medium(': "${{name}:={value}}"\n', raw, WORD),
    "fish": Medium("set -gx {name} {value}\n", raw, WORD),
    "csh": Medium("setenv {name} {value}\n", raw, WORD),
    "cmd": Medium("set {name}={value}\r\n", raw, "&|<>^%!\""),
    "cmd in quotes": Medium('set "{name}={value}"\r\n', raw, "&|<>^%!\"\\"),
    "setx": Medium("setx {name} {value}\r\n", raw, WORD),
    "setx in quotes": Medium('setx {name} "{value}" /M\r\n', raw, "&|<>^%!\""),
    "powershell": Medium("$env:{name} = {value}\n", powershell),
    "powershell in double quotes": Medium('$Env:{name}="{value}"\n', raw, '"`$'),
    "powershell method": Medium('[System.Environment]::SetEnvironmentVariable("{name}", "{value}", "User")\n', raw, '"`$'),
    "powershell item": Medium("Set-Item -Path Env:{name} -Value {value}\n", powershell),
    "powershell drive": Medium("Set-Item Env:\\{name} {value}\n", powershell),
    # containers
    "ENV with a space": Medium("FROM x\nENV {name} {value}\n", raw, WORD),
    "ENV": Medium("FROM x\nENV A=1 \\\n    {name}={value} \\\n    B=2\n", raw, WORD),
    "ENV in quotes": Medium("ENV A=b {name}={value}\n", shell),
    "ARG": Medium("ARG {name}={value}\n", raw, WORD),
    "RUN": Medium("RUN {name}={value} pip install x\n", raw, WORD),
    "docker run -e": Medium("docker run -e {name}={value} image\n", raw, WORD),
    "docker run --env": Medium("docker run --env {name}='{value}' image\n", raw, "'"),
    "build-arg": Medium("docker build --build-arg {name}={value} .\n", raw, WORD),
    "build-arg=": Medium("docker build --build-arg={name}={value} .\n", raw, WORD),
    "compose list": Medium("    environment:\n      - {name}={value}\n", plain, "$\"'\\#"),
    "compose list in quotes": Medium('    environment:\n      - "{name}={value}"\n', raw, '"\\$'),
    "compose map": Medium("    environment:\n      {name}: {value}\n", plain, "#"),
    "compose default": Medium("      {name}: ${{name}:-{value}}\n", raw, "{}$"),
    "build args": Medium("    build:\n      args:\n        {name}: {value}\n", plain, "#"),
    "pod": Medium("env:\n- name: {name}\n  value: {value}\n", quoted),
    "pod without quotes": Medium("env:\n- name: {name}\n  value: {value}\n", plain, "#\"'\\ "),
    "pod, value first": Medium("env:\n- value: {value}\n  name: {name}\n", quoted, '"'),
    "pod in braces": Medium("env: [{name: {name}, value: {value}}]\n", quoted),
    "pod in braces without quotes": Medium("env: [{name: {name}, value: {value}}]\n", plain, SCALAR + "\"'\\"),
    "secret": Medium("kind: Secret\nstringData:\n  {name}: {value}\n", quoted),
    "secret in base64": Medium("apiVersion: v1\nkind: Secret\ndata:\n  {name}: {value}\n", encoded),
    "secret in base64 first": Medium("data:\n  {name}: {value}\nkind: Secret\n", encoded),
    "secret in JSON": Medium('{"kind": "Secret", "data": {"{name}": "{value}"}}\n', encoded),
    # YAML of CI systems
    "YAML": Medium("env:\n  {name}: {value}\n", plain, "#"),
    "YAML in single quotes": Medium("env:\n  {name}: {value}\n", powershell),
    "YAML in double quotes": Medium("env:\n  {name}: {value}\n", quoted),
    "YAML with a comment": Medium("env:\n  {name}: {value} # x\n", powershell),
    "YAML block": Medium("env:\n  {name}: |\n    {value}\n  X: y\n", raw),
    "YAML folded": Medium("env:\n  {name}: >-\n    {value}\n", raw),
    "YAML in braces": Medium("env: {A: b, {name}: {value}}\n", plain, SCALAR + "\"'\\"),
    "YAML in braces and quotes": Medium("env: {A: b, {name}: {value}, C: d}\n", quoted),
    "YAML comment": Medium("  # {name}: {value}\n", plain, "#"),
    "GitHub default": Medium("      {name}: ${{ secrets.X || '{value}' }}\n", raw, "'{}"),
    "GitHub file": Medium('run: echo "{name}={value}" >> $GITHUB_ENV\n', raw, WORD),
    "GitHub CLI": Medium("gh secret set {name} --body '{value}'\n", raw, "'"),
    "GitLab variable": Medium("variables:\n  {name}:\n    value: {value}\n    description: x\n", quoted),
    "GitLab CLI": Medium("glab variable set {name} {value}\n", raw, WORD),
    "Azure variable": Medium("- name: {name}\n  value: {value}\n", quoted),
    "Azure command": Medium('echo "##vso[task.setvariable variable={name}]{value}"\n', raw, WORD),
    "Heroku": Medium("heroku config:set {name}={value}\n", raw, WORD),
    "Ansible": Medium("  environment:\n    {name}: {value}\n", quoted),
    "Ansible default": Medium("    {name}: \"{{ x | default('{value}') }}\"\n", raw, "'\"\\"),
    # Jenkins
    "Jenkins environment": Medium("  environment {\n    {name} = '{value}'\n  }\n", raw, LITERAL),
    "Jenkins withEnv": Medium("withEnv(['{name}={value}']) {\n", raw, LITERAL),
    "Jenkins second withEnv": Medium('withEnv(["A=b", "{name}={value}"]) {\n', raw, '"\\$'),
    "Jenkins sh": Medium("sh '{name}={value} twine upload dist/*'\n", raw, WORD),
    "Jenkins long sh": Medium("sh '''\n  export {name}={value}\n  twine upload dist/*\n'''\n", raw, WORD),
    "Jenkins env": Medium("env.{name} = '{value}'\n", raw, LITERAL),
    # files of tools
    "TOML": Medium("[env]\n{name} = {value}\n", quoted),
    "TOML literal": Medium("[env]\n{name} = '{value}'\n", raw, "'"),
    "TOML in braces": Medium("environment = { {name} = {value} }\n", quoted),
    "TOML list": Medium('env = [\n  "{name}={value}",\n]\n', raw, '"\\'),
    "TOML dotted": Medium("set_env.{name} = {value}\n", quoted),
    "JSON": Medium('{"env": {"{name}": {value}}}\n', quoted),
    "JSON in ASCII": Medium('{\n  "{name}": {value},\n  "X": "y"\n}\n', json.dumps),
    "JSON pair": Medium('[{"name": "{name}", "value": {value}}]\n', quoted),
    "JSON pair in lines": Medium('[\n {\n  "name": "{name}",\n  "value": {value}\n }\n]\n', quoted),
    "JSON pair, value first": Medium('[{"value": {value}, "name": "{name}"}]\n', quoted, '"'),
    "JSON pair with a key": Medium('[{"key": "{name}", "value": {value}}]\n', quoted),
    "JSON list": Medium('"env": ["A=b", "{name}={value}"]\n', raw, '"\\'),
    "notebook": Medium('{"source": [{value}]}\n', cell),
    "notebook output": Medium('{"text": ["{name}={value}\\n"]}\n', raw, WORD),
    "make": Medium("{name} := {value}\n", raw, "$#"),
    "make weak": Medium("{name} ?= {value}\n", raw, "$#"),
    "make export": Medium("export {name} := {value}\n", raw, "$#"),
    "make target": Medium("release: export {name}={value}\n", raw, WORD),
    "make recipe": Medium("release:\n\t@{name}={value} twine upload dist/*\n", raw, WORD),
    "tox": Medium("[testenv]\nsetenv =\n    A = 1\n    {name} = {value}\n", raw, "{}#\\"),
    "tox tight": Medium("[testenv]\nset_env =\n    A=1\n    {name}={value}\n", raw, "{}#\\"),
    "systemd": Medium("[Service]\nEnvironment={name}={value}\n", raw, WORD),
    "systemd in quotes": Medium('[Service]\nEnvironment="{name}={value}"\n', raw, '"\\'),
    "supervisor": Medium('environment=A="b",{name}="{value}"\n', raw, '"%\\'),
    "XML attribute": Medium('<env name="{name}" value="{value}" />\n', xml),
    "XML element": Medium("<{name}>{value}</{name}>\n", raw, '<&"'),
    "property list": Medium("<key>{name}</key>\n<string>{value}</string>\n", raw, '<&"'),
    "Terraform": Medium('variable "{name}" {\n  default = {value}\n}\n', quoted),
    "Terraform map": Medium("environment {\n  variables = {\n    {name} = {value}\n  }\n}\n", quoted),
    # code
    "environ": Medium('os.environ["{name}"] = {value}\n', repr),
    "environb": Medium('os.environb[b"{name}"] = b{value}\n', repr),
    "raw string": Medium("os.environ['{name}'] = r'{value}'\n", raw, "'\\"),
    "setdefault": Medium("os.environ.setdefault('{name}', {value})\n", repr),
    "update": Medium("os.environ.update({name}={value})\n", repr),
    "dict": Medium("subprocess.run(command, env={**os.environ, '{name}': {value}})\n", repr),
    "dict call": Medium("env = dict(os.environ, {name}={value})\n", repr),
    "getenv": Medium("x = os.getenv('{name}', {value})\n", repr),
    "environ.get": Medium("x = os.environ.get('{name}', {value})\n", repr),
    "config default": Medium("x = config('{name}', default={value})\n", repr),
    "monkeypatch": Medium("monkeypatch.setenv('{name}', {value})\n", repr),
    "constant": Medium("{name} = {value}\n", repr),
    "typed constant": Medium("{name}: Final[str] = {value}\n", repr),
    "constant in parentheses": Medium("{name} = (\n    {value}\n)\n", repr),
    "walrus": Medium("if ({name} := {value}):\n", repr),
    "nox": Medium('session.env["{name}"] = {value}\n', repr),
    "nox run": Medium("session.run('twine', 'upload', env={'{name}': {value}})\n", repr),
    "list of env": Medium("env=['{name}={value}']\n", raw, LITERAL),
    "JavaScript": Medium("process.env.{name} = {value};\n", quoted),
    "JavaScript or": Medium("const t = process.env.{name} || {value};\n", quoted),
    "TypeScript": Medium("env: { {name}: {value} },\n", quoted),
    "Go": Medium('os.Setenv("{name}", {value})\n', quoted),
    "Rust": Medium('std::env::set_var("{name}", {value});\n', quoted),
    "Ruby": Medium("ENV['{name}'] = '{value}'\n", raw, LITERAL),
    "Ruby fetch": Medium("ENV.fetch('{name}', '{value}')\n", raw, LITERAL),
    "Perl": Medium("$ENV{{name}} = '{value}';\n", raw, LITERAL),
    "PHP": Medium("putenv('{name}={value}');\n", raw, LITERAL),
    "comment": Medium("# {name}={value}\n", raw, WORD),
    "comment of code": Medium("// {name} = {value}\n", quoted),
    "XML attribute, value first": Medium('<env value="{value}" name="{name}"/>\n', xml),
    "JSON map": Medium('{"{name}": {"type": "PLAINTEXT", "value": {value}}}\n', quoted),
    "Gradle": Medium("environment '{name}', '{value}'\n", raw, LITERAL),
    "Ruby unless set": Medium("ENV['{name}'] ||= '{value}'\n", raw, LITERAL),
    "Scala": Medium('Process(cmd, None, "{name}" -> {value})\n', quoted),
    "Rust constant": Medium("const {name}: &str = {value};\n", quoted),
    "pydantic": Medium("{name}: SecretStr = Field(default={value})\n", repr),
    "setx for the machine": Medium("setx /M {name} {value}\r\n", raw, WORD),
    "Markdown": Medium("Set `{name}={value}` first.\n", raw, WORD),
}

# references with a fallback, which is the password
TRAPS = ("${X:-@@}", "${X-@@}", "${X:-${Y:-@@}}", "{env:X:@@}", "{{ x | default('@@') }}", "${{ secrets.X || '@@' }}")
PASSWORDS = {
    "letters and digits": password(1), "eight characters": password(3, 8), "small letters": "frz8quo2lkd9",
    "letters": "zqkrvtmxwlpyhd", "digits": "802649175531", "hexadecimal": password(6, 40, "0123456789abcdef").lower(),
    "uuid": "3f2b8c1e-7d4a-4b6f-9e21-5a8c0d7f6b12", "base64": password(7, 22) + "==",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + password(8, 43), "JFrog": "AKCp" + password(9, 69),
    "GitLab": "glpat-" + password(10, 20), "piece of a token": "pypi-" + password(11, 20), "long": password(12, 400),
    "signs": "hT7!x-kQ9@vZ", "weak": "Winter2024!", "weaker": "Sommer#2023", "leet": "P@ssw0rd!2024x",
    "passphrase with dashes": "purple-monkeys-dishwasher-lamp", "passphrase": "purple monkeys dishwasher",
    "spaces": "hT7x kQ9 vZ", "unicode": "Käsekuchen7mitÖl",
    **{f"a {sign} inside": f"hT7x{sign}kQ9vZ" for sign in "$#%&;:,=?/\\'\"|~^.+_*("},
    "braces inside": "hT7x{kQ9}vZ", "angles inside": "hT7x<kQ9>vZ",
    "a dollar and a digit": "$9kfq2TwLx", "hashed": "$2b$12$" + password(13, 22),
}

# what stands behind the beginning of a token, or its prefix alone, in examples
FILLINGS = (
    *(sign * 160 for sign in ("X", "x", "A", "0", "-", "Xx", "*")), "deadbeef" * 20, "1234567890" * 16, "TOKEN" * 30,
    string.ascii_lowercase * 6, string.ascii_letters + string.digits + string.ascii_lowercase, "0123456789abcdef" * 10,
    "YourTokenGoesHere" * 10, "this-is-only-an-example-and-no-real-token-" * 4, "a1b2c3d4" * 20,
    "".join(f"{string.ascii_lowercase[n % 26]}{(n + 1) % 10}" for n in range(80)),
    "abc123DEF456ghi789JKL012mno345PQR678stu901VWX234yz" * 3, "".join(f"FakeToken{n}" for n in range(16)),
)
FILLED = tuple(start + filling for start in ("pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZwIk", "pypi-") for filling in FILLINGS)

# what stands where a password would, in every syntax: references, holes, examples, names
SAFE = (
    "${{ secrets.X }}", "${{secrets.PYPI_TOKEN}}", "${{ env.X }}", "${{ vars.X9_TOKEN }}", "${{ steps.a.outputs.b }}",
    "${{ github.token }}", "${{ secrets.A || secrets.B }}", "$VAR", "$MY_TOKEN2", "${VAR}", "$$VAR", "$${VAR}", "$(VAR)",
    "$(cat ~/.pypi-token9)", "`cat ~/.token9`", "(pass show x)", "%VAR%", "!VAR!", "$env:VAR", "@VAR@", "%(VAR)s", "%s",
    "{VAR}", "{0}", "{env:VAR}", "{env:VAR:}", "<<VAR>>", "$CI_JOB_TOKEN", "${CI_JOB_TOKEN}", "$(System.AccessToken)",
    "{{ var }}", "{{var.token9}}", "{{ lookup('env','X') }}", "{% token %}", "<%= token %>", "<%= ENV['X'] %>",
    "<your-token>", "<PyPI token>", "[unique_token]", "your-api-token", "YOUR_TOKEN_HERE", "PyPI-Api-Access-Token",
    "my-pypi-token", "Your PyPI API token, including the pypi- prefix", "pypi-...", "pypi-xxxx", "pypi-XXXXXXXX",
    "pypi-<token>", "pypi-YOUR-TOKEN", "pypi-your-api-token-here", "pypi-MYLONGTOKENHERE", "pypi-AgEIcHlwaS5vcmc...",
    "pypi-AgEIcHlwaS5vcmcCJDAw", "pypi-publish", "pypi-upload-token", "****", "********", "xxxx", "XXXXXXXXXXXX",
    "[redacted]", "<redacted>", "***", "null", "~", "None", "none", "", "os.environ['X9']", 'os.getenv("X")',
    "getpass.getpass()", "env('X')", "credentials('pypi-id7')", "file('token7')", "ENC[AES256_GCM,data:p673w+7,type:str]",
    "op://Private/pypi/token7", "vault:secret/data/pypi#token", "!Ref PypiToken7", "!secret pypi_token9",
    "{{resolve:secretsmanager:pypi9:SecretString:token}}", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pypi-AbCdEf",
    "pass", "password", "changeme", "foo", "foobar", "test", "1234", "12345678", "token", "secret", "hunter2", "s3cr3t",
    "p4ssw0rd", "Passw0rd!", "example", "dummy", "fake-token", "test-token", "not-a-real-token", "password123", "admin",
    "TODO", "CHANGE_ME", "replace-with-your-token", "insert token here", "...", "true", "undefined", "abcdefgh", "abc123",
    "1234567890", "/run/secrets/pypi_token", "./token.txt", "~/.pypi-token", "https://pypi.org/help/#apitoken", "pypi_token",
    "PYPI_TOKEN", "TWINE_PASSWORD", "required", "optional", "unused", "topsecret", "letmein", "qwerty123", "asdf1234",
    "00000000-0000-0000-0000-000000000000", "ghp_xxxxxxxxxxxxxxxx", "user", "__token__",
    "12345678-1234-1234-1234-123456789012", "a1b2c3d4e5f6", "1a2b3c4d5e6f", "pypi-A***Q", "p***d7K", "a1b2***c3d4", "***c3d4",
    "secreto", "geheim", "Passord", "salasana", "contrasenya", "mi-clave-secreta", "mon-mot-de-passe", "kata-sandi-anda", "Lozinka",
    "set-via-ci", "omitted", "expired", "revoked", "johndoe", "{cipher}AQB1f3a9c07d5e2b4", "%env(file:PYPI_TOKEN_FILE)%",
    "secretsmanager:pypi9/token", "((pypi9))", "12345678-1234-5678-1234-567812345678", "ton-mot-de-passe", "geheimnis",
    *FILLED, "pypi-a1b2c3d4", "pypi-a1b2c3d4e5f6g7h8i9j0", "pypi-" + "1234567890abcdef", "devpi-" + "A1b2" * 12,
)
