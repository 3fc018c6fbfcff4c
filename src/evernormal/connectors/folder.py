"""Reading a folder's files into memory, within limits."""

import os
from collections.abc import Iterator
from pathlib import Path

from evernormal.formats.intake.register import is_received
from evernormal.formats.problems import InputProblems, Problem

# The largest file an office hands in is a month of sacct output of a large centre.
FILE_BYTES_MAX = 64 * 1024 * 1024
# All of it is held in memory, and copied beside the books.
FOLDER_BYTES_MAX = 512 * 1024 * 1024
FILES_MAX = 2_000
# A batch every minute for a year, and the register of them.
RECEIVED_MAX = 600_000
DEPTH_MAX = 8


def read_folder(path: Path) -> dict[str, bytes]:
    """Read every file of a folder.

    path     a folder; hidden files and folders in it are passed over
    returns  bytes by relative path with forward slashes, in order of path
    raises   InputProblems naming every file that is too large, not a file, not readable, or a
             link that leads out of the folder
    """
    if not path.is_dir():
        todo = "Name the folder of a programme year."
        raise InputProblems([_refused(str(path), "folder.missing", "Is not a folder.", todo)])
    root = path.resolve()
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    left = FOLDER_BYTES_MAX
    counts = {True: 0, False: 0}
    for file in _walk(root):
        name = file.relative_to(root).as_posix()
        came_in = is_received(name)
        counts[came_in] += 1
        count_max = RECEIVED_MAX if came_in else FILES_MAX
        if counts[came_in] > count_max:
            message = f"The folder has over {count_max} files."
            problems.append(_refused(name, "folder.too_many", message, "Name the right folder."))
            break
        problem = _problem_of(file, name, root, left)
        if problem is not None:
            problems.append(problem)
            continue
        try:
            files[name] = file.read_bytes()
        except OSError as error:
            message = f"Cannot be read: {error.strerror}."
            problems.append(_refused(name, "file.unreadable", message, "Correct its permissions."))
            continue
        left -= len(files[name])
    if problems:
        raise InputProblems(problems)
    return files


def _walk(root: Path) -> Iterator[Path]:
    """Give every file below a folder, by path; links are files, never followed into folders."""
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        depth = len(here.relative_to(root).parts)
        closed = [n for n in folders if (here / n).is_symlink() or depth >= DEPTH_MAX]
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in closed)
        for name in sorted([*names, *closed]):
            if not name.startswith("."):
                yield here / name


def _problem_of(file: Path, name: str, root: Path, left: int) -> Problem | None:
    if file.is_symlink() and not file.resolve().is_relative_to(root):
        message = "Is a link that leads out of the folder."
        return _refused(name, "file.link", message, "Put the file itself here.")
    if not file.is_file():
        message = f"Is a link to a folder, a folder more than {DEPTH_MAX} deep, or no file at all."
        return _refused(name, "file.kind", message, "Take it out.")
    size = file.stat().st_size
    if size > FILE_BYTES_MAX:
        message = f"Has {size} bytes, more than {FILE_BYTES_MAX}."
        return _refused(name, "file.too_large", message, "Split it, by month or by cluster.")
    if size > left:
        message = f"With it the folder has more than {FOLDER_BYTES_MAX} bytes."
        return _refused(name, "folder.too_large", message, "Take out what does not belong here.")
    return None


def _refused(file: str, code: str, message: str, todo: str) -> Problem:
    return Problem(file, None, None, code, message, todo)
