"""Bytes of a file as text, with what is wrong about the encoding."""

import codecs

from evernormal.formats.problems import Problem

GB18030 = "gb18030"


def decode(data: bytes, *, file: str, encoding: str, problems: list[Problem]) -> tuple[str, bool]:
    """Read a file's text, also where its encoding is wrong, so that the rest can be checked.

    encoding  what programme.toml declares: utf-8 or gb18030; a UTF-8 mark at the start wins
    returns   the text without that mark, and whether it is the file's text for sure
    """
    text, is_sure = _decoded(data, file, encoding, problems)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.append(
            Problem(
                file,
                line,
                None,
                "text.nul",
                "Has a NUL byte, which no text has.",
                "Export the file again.",
            )
        )
        text = text.replace("\0", "")
    return text, is_sure


def _decoded(data: bytes, file: str, encoding: str, problems: list[Problem]) -> tuple[str, bool]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.append(_not_utf8(file, 1, "is Unicode text of two bytes a character (UTF-16)"))
        return data.decode("utf-16", errors="replace"), True
    declared = "utf-8" if data.startswith(codecs.BOM_UTF8) else encoding
    try:
        return data.decode("utf-8-sig" if declared == "utf-8" else declared), True
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode(GB18030)
    except UnicodeDecodeError:
        problems.append(_not_utf8(file, line, f"is not {declared.upper()}"))
        return data.decode("utf-8", errors="replace"), False
    problems.append(_not_utf8(file, line, "is not UTF-8; it reads as GB 18030 (GBK)"))
    return text, True


def _not_utf8(file: str, line: int, finding: str) -> Problem:
    return Problem(
        file,
        line,
        None,
        "text.encoding",
        f"The file {finding}.",
        'Save it as "CSV UTF-8", or declare [files] encoding = "gb18030" in programme.toml.',
    )
