"""What to do now: a scrubbed finding and the facts of its token in, the steps out, in order."""
from __future__ import annotations

import os
from typing import NamedTuple

from pypi_token_hooks.credentials.filenames import is_pypirc
from pypi_token_hooks.model import BACKUPS
from pypi_token_hooks.model import LOST
from pypi_token_hooks.model import NOTES
from pypi_token_hooks.model import STAGED
from pypi_token_hooks.model import STASH
from pypi_token_hooks.model import STASHES
from pypi_token_hooks.model import TAGS
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import named
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import printable
from pypi_token_hooks.reports.words import Facts
from pypi_token_hooks.reports.words import brief
from pypi_token_hooks.reports.words import index_name
from pypi_token_hooks.reports.words import may_have_left

HASHES, HEX = (40, 64), frozenset("0123456789abcdef")  # how long the name of an object is, and of what
# leaves all stashes alone, which are a reflog too
FORGET = "git -c gc.reflogExpire=now -c gc.reflogExpireUnreachable=now gc --prune=now"
_COMMENTED = ("content", "message", "tag")  # parts of a place in which the line of a finding can end with a comment
_PATTERN = frozenset("*?[\\")  # signs that make git take a path for a pattern
_SHOWS_ALL = Scrubber(())


class Step(NamedTuple):
    """One thing to do, and the command or address for it, which is never wrapped."""

    text: str
    do: str = ""


def _ref(name: str, stand_in: str) -> str:
    """Returns the name of a ref as commands hold it; the stand-in if it is not known."""
    return named(name, stand_in=stand_in) if name else stand_in


def _pathspec(path: str, below: bool) -> str:
    """Returns a path as a pathspec that means this one file: git reads no sign in it as a pattern, or as magic (gitglossary(7)).

    With `below`, or where git tells a hook by GIT_PREFIX in which folder the commit is made, the path starts at the top of the work
    tree, and the command may be given below it.
    """
    is_pattern = not _PATTERN.isdisjoint(path)
    if (below or os.environ.get("GIT_PREFIX")) and not os.path.isabs(path):
        is_usual = path[:1].isalnum() or path[:1] == "."  # any other sign behind `:/` would belong to the magic
        return named(path, ":/" if is_usual and not is_pattern else ":(top,literal)")
    return named(path, ":(literal)" if is_pattern else "")


def _ignore() -> str:
    """Returns a command that mostly does what `check-pypirc-ignored --fix` does, which pre-commit and prek keep off the PATH."""
    config = os.environ.get("XDG_CONFIG_HOME")
    folder, file = "~/.config/git", "~/.config/git/ignore"
    if config:
        folder, file = named(f"{config}/git", stand_in="<its folder>"), named(f"{config}/git/ignore")
    return f"mkdir -p {folder} && printf '\\n.pypirc\\n' >> \"$(git config --type=path core.excludesFile || echo {file})\""


def _worthless(finding: Finding, token: Facts | None) -> Step:
    """Returns the step that makes the credential worthless, as the end of a sentence; empty if it expires by itself."""
    if finding.rule == "pypirc-file":
        return Step("replace every password and token in it")
    if token is None:
        if finding.rule == "pypi-token":
            return Step("revoke it in the account settings of its index")
        return Step("change the password, or revoke the token, at its index")
    if token["expired"] or token["scope"] == "publisher":
        return Step("")
    if token["revoke_url"]:
        return Step("revoke it:", printable(token["revoke_url"]))
    name, identifier = index_name(token["index"]), brief(token["identifier"])
    return Step(f"revoke it at {name}, where its identifier is {identifier}")


def _first(finding: Finding, token: Facts | None, sure: bool) -> Step:
    """Returns the step against copies of the credential elsewhere. `sure`: whether there certainly are any."""
    said = _worthless(finding, token)
    if not said.text:
        ended = token is not None and token["expired"]
        text = "It comes from Trusted Publishing: it ends by itself within 15 minutes, nobody can revoke it."
        return Step("It has expired: there is nothing to revoke." if ended else text)
    if finding.remote:
        text = f"A remote has it already: now {said.text}"
    elif sure:
        text = said.text[0].upper() + said.text[1:]
    else:
        text = f"Was it ever pushed, uploaded or mailed? Then first {said.text}"
    return Step(text if said.do else text + ".", said.do)


def _before_the_commit(finding: Finding) -> list[Step]:
    path, part = _pathspec(finding.place.path, finding.below), finding.place.part
    is_whole_file = part == "content" and not finding.place.is_in_archive and is_pypirc(finding.place.path)
    if finding.rule == "pypirc-file" or is_whole_file:
        what = "it" if finding.rule == "pypirc-file" else "the whole file"
        return [  # without -f git refuses a file of which only a part is staged; with --cached it never touches the disk
            Step(f"Take {what} out of the commit; its place is your home folder:", f"git rm --cached -f -- {path}"),
            Step("Let git ignore .pypirc everywhere:", _ignore()),
        ]
    if part == "name":
        return [Step("Give the file another name, and stage it again.")]
    if part == "link target":
        return [Step("Let the link point elsewhere, and stage it again.")]
    remedy = "Make the archive again without it" if finding.place.is_in_archive else "Remove it from the file"
    if finding.place.path == "<stdin>":
        return [Step("Remove it where it comes from.")]
    return [Step(f"{remedy}, then stage the file again:", f"git add -- {path}")]


def _message(finding: Finding) -> list[Step]:
    path, part = finding.place.path, finding.place.part
    if part in ("author", "committer"):
        role, option = part.upper(), "the option --author, the commit that is amended, " if part == "author" else ""
        where = f"{option}the variables GIT_{role}_NAME and GIT_{role}_EMAIL, or `git config`"
        return [Step(f"Nothing was committed. Take it out of where the {part} is set ({where}), and commit again.")]
    if part == "ref":
        return [Step("Give the branch another name:", "git branch -m <name>")]
    if path.rpartition("/")[2] == "MERGE_MSG":  # `git merge` waits, and the next commit begins with this text
        return [Step("The merge was not committed. This opens its message: take it out there, and save:", "git commit")]
    # git does not tell a hook how the commit is made: with --all, --amend or --verbose, of some paths, during a rebase
    how = "Commit again in the same way, or as git says next, and leave it out of the message"
    return [Step(f"Nothing was committed. {how}: until then this file keeps what you wrote.")]


def _tag(finding: Finding) -> str:
    """Returns the name of the tag from which a remedy has to start; empty if it starts from something else."""
    return finding.holder.removeprefix(TAGS) if finding.holder.startswith(TAGS) else ""


def _other_tag(start: str) -> Step:
    """Returns the step for a tag with a secret in its name, which so cannot be shown: an annotated tag has its name within it, too."""
    text = "Make the tag again under another name (without -a if it has no message), and delete this one:"
    return Step(f"{start} {text}", "git tag -a <name> '<tag>^{}' && git tag -d <tag>")


def _deletion(finding: Finding) -> str:
    """Returns the command that deletes a ref which names no commit."""
    if tag := _tag(finding):
        return f"git tag -d {_ref(tag, '<tag>')}"
    return f"git update-ref -d {_ref(finding.holder, '<ref>')}"


def _notes(finding: Finding, start: str) -> list[Step]:
    """Returns the steps for notes, which no branch has: each change of a note is a commit of theirs, and so keeps the old text."""
    ref, tree = (_ref(finding.holder + end, f"'<ref>{end}'") for end in ("", "^{tree}"))
    noted = finding.place.path.replace("/", "")  # where there are many notes, the names of the objects are in folders
    text, found = "Leave all earlier versions of the notes behind (if the remote has some, push with --force):", list[Step]()
    if len(noted) in HASHES and HEX.issuperset(noted):
        found.append(Step(f"{start} Take it out of the note:", f"git notes --ref={ref} edit {noted}"))
    else:
        text = f"{start} {text}"
    return [*found, Step(text, f'git update-ref {ref} "$(git commit-tree -m Notes {tree})"')]


def _push(finding: Finding) -> list[Step]:
    part, commit, tag = finding.place.part, finding.place.commit, _tag(finding)
    is_named_so = part == "tag name" and finding.holder in ("", finding.place.ref)  # and not only a tag within it
    if is_named_so or (part == "ref" and (finding.place.ref or "").startswith(TAGS)):
        return [_other_tag("The push was stopped.")]
    if part == "ref":
        return [Step("The push was stopped. Give the branch another name, then push.")]
    if finding.holder.startswith((STASH, STASHES)):
        which = "" if finding.holder == STASH else " " + _ref(finding.holder, "<stash>")
        text = "The push was stopped. Make a branch of the stash, take it out there, commit, and push that branch:"
        return [Step(text, f"git stash branch <branch>{which}")]
    shown = _ref(tag, "<tag>")
    if part in ("tag", "tagger", "tag name", "tag header"):
        target = _ref(tag and tag + "^{}", "'<tag>^{}'")  # without it the tag would move to HEAD
        return [Step("The push was stopped. Make the tag again without it:", f"git tag -f -a {shown} {target}")]
    if not commit and finding.holder:
        return [Step("The push was stopped. No commit has it: a tag or other ref names it. Delete that:", _deletion(finding))]
    if not commit:
        return [Step("The push was stopped. Which commit has it is not known here: make what you push again without it.")]
    if finding.holder.startswith(NOTES):
        return _notes(finding, "The push was stopped.")
    where = f"On the branch that brings it, or after `git checkout {shown}`," if tag else "On the branch that brings it,"
    what = "take it out there"
    if part in ("author", "committer"):  # amending alone keeps the author
        what = "set who you are (`git config`), there `git commit --amend --no-edit --reset-author`"
    how = (
        f"{where} mark its commit `edit` (below a merge write `break`), {what}, push again"
        " (--root in place of the commit for a first one):"
    )
    rest = [Step(f"Then make the tag {shown} again, on the new commit.")] if tag else []
    return [Step(f"The push was stopped. {how}", f"git rebase -i --rebase-merges {printable(commit)[:12]}~1"), *rest]


def _forgotten(finding: Finding) -> list[Step]:
    """Returns the steps for what no commit of a branch or tag has, and so no rewriting of these takes out; none for anything else."""
    holder = finding.holder
    if holder == LOST:
        text = "To clean the repository too, which git does in time: this empties the reflogs, and removes what no ref leads to:"
        return [Step(text, FORGET)]
    if holder == STAGED:
        there = f"-C {named(finding.work_tree, stand_in='<its work tree>')} " if finding.work_tree else ""
        text = "It is staged, and in no commit: mend the file and stage it again, or take it out of the index:"
        taken = f"git {there}rm --cached -f -- {_pathspec(finding.place.path, below=True)}"
        return [Step(text, taken), Step("Then have git forget it, which empties the reflogs:", FORGET)]
    if holder.startswith(BACKUPS):
        text = "It is in what git filter-branch has kept. Delete that, and have git forget it, which empties the reflogs:"
        return [Step(text, f"{_deletion(finding)} && {FORGET}")]
    if holder.startswith((STASH, STASHES)):
        drop = "git update-ref -d" if holder == STASH else "git stash drop"
        # each drop gives the stashes behind it other numbers
        text = (
            "It is in a stash. Keep what you need of that, then drop it, once for all that is found in it, and of several stashes"
            " the one with the highest number first:"
        )
        return [Step(text, f"{drop} {_ref(holder, '<stash>')} && git gc --prune=now")]
    if holder.startswith(NOTES) and finding.place.commit:
        return _notes(finding, "It is in notes.")
    if finding.place.part == "tag name" or (finding.place.part == "ref" and (finding.place.ref or "").startswith(TAGS)):
        return [_other_tag("Clean the repository, too.")]
    if holder:
        return [Step("No commit has it: a tag or other ref names it. To clean the repository too, delete that:", _deletion(finding))]
    return []


def _history(finding: Finding) -> list[Step]:
    if forgotten := _forgotten(finding):
        return forgotten
    path, part = finding.place.path, finding.place.part
    file = f"--path{'=' if path[:1] == '-' else ' '}{named(path)}"  # otherwise a name like -x would be taken for an option
    if finding.rule == "pypirc-file":
        return [Step("Take the file out of every commit:", f"git filter-repo --invert-paths {file}")]
    if finding.place.is_in_archive:
        text = "To clean the commits too, take the archive out of every one:"
        return [Step(text, f"git filter-repo --invert-paths {file}")]
    if part == "name":
        return [Step("To clean the commits too, give it another name in every one:", "git filter-repo --path-rename <name>:<other>")]
    if part in ("header", "tag header"):
        return [Step("To clean the commits too, rewrite them: such a header is not kept then:", "git filter-repo --force")]
    if part in ("author", "committer", "tagger"):
        return [Step("To clean the commits too, rewrite them (gitmailmap tells the form):", "git filter-repo --mailmap ../mailmap.txt")]
    if part == "ref":
        return [Step("Give the branch another name.")]
    is_file = part in ("content", "link target")
    if is_file and finding.readings and finding.readings[0].startswith("utf-"):  # git filter-repo replaces nothing beside zero bytes
        return [Step("To clean the commits too, take the file out of every one:", f"git filter-repo --invert-paths {file}")]
    how = "each secret on a line of secrets.txt"
    if finding.readings:
        how = "each line of the secret, as it stands there, on a line of secrets.txt"
    elif is_file:
        how += "; a binary file needs --invert-paths --path"
    option = "--replace-text" if is_file else "--replace-message"
    what = "tag too, rewrite it" if part == "tag" else "commits too, rewrite them"
    return [Step(f"To clean the {what} ({how}):", f"git filter-repo {option} ../secrets.txt")]


def _dist(finding: Finding) -> list[Step]:
    what = "Leave the file out of the build" if finding.rule == "pypirc-file" else "Take it out of the source"
    return [
        Step(f"{what}, delete the built files, build again."),
        Step("Uploaded already? Mirrors copy a release within minutes: deleting it brings nothing back."),
    ]


REST = {
    "detect-pypi-token-in-message": _message,
    "detect-pypi-token-in-push": _push,
    "detect-pypi-token-in-history": _history,
    "detect-pypi-token-in-dist": _dist,
}


def steps(hook: str, finding: Finding, token: Facts | None, clean: Scrubber = _SHOWS_ALL) -> list[Step]:
    """Returns what to do now, in order. Revoking comes first where the credential may have left the machine."""
    rest = REST.get(hook, _before_the_commit)(finding)
    sure = may_have_left(hook) or bool(finding.remote)
    first = _first(finding, token, sure)
    if finding.own and sure:
        rest.insert(0, Step(f"Put the new one where this machine holds the old: {printable(finding.own)}."))
    can_comment = finding.place.part in _COMMENTED and not finding.place.is_in_archive
    if finding.confidence == "probable" and not sure and can_comment:
        rest.append(Step("Only a dummy? Then say so at the end of that line:", "# pragma: allowlist secret"))
    return [Step(clean.filled(step.text), clean.command(step.do)) for step in ([first, *rest] if sure else [*rest, first])]


def remedy(hook: str, finding: Finding, token: Facts | None, clean: Scrubber) -> str:
    """Returns the steps as one text, one on each line."""
    return "\n".join(f"{step.text} {step.do}".rstrip() for step in steps(hook, finding, token, clean))
