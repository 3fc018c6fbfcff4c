"""Reading and writing the XML of a payment file: safely in, the same bytes every time out.

The standard library's expat is used directly because it alone gives line and column, and lets us
refuse a document type before any entity in it is looked at.
"""

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# Room for 10,000 transfers of 27 elements with every text at its longest and escaped, and no more.
BYTES_MAX = 64 * 1024 * 1024
ELEMENTS_MAX = 500_000
# Ours is nine deep; a hint of anything deeper is not a payment file.
DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a payment file, where it is, and what to do.

    `line` and `column` count from 1; both are None when the file has not been written yet.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}, column {self.column}: "
        return f"{place}{self.path}: {self.message}"


class NotReadable(ValueError):
    """The bytes are not XML we are willing to read. `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Element:
    """An XML element. Tags of our namespace are bare; others are written {namespace}tag."""

    tag: str
    text: str = ""
    children: tuple["Element", ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    line: int | None = None
    column: int | None = None

    def each(self, *tags: str) -> tuple["Element", ...]:
        """List the elements reached by going down through these tags, in file order."""
        found: tuple[Element, ...] = (self,)
        for tag in tags:
            found = tuple(
                child for parent in found for child in parent.children if child.tag == tag
            )
        return found

    def problem(self, path: str, message: str) -> Problem:
        """State a problem at this element's place in the file."""
        return Problem(path, message, self.line, self.column)


@dataclass(slots=True)
class _Open:
    """An element whose end tag has not been read."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    line: int
    column: int
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    def close(self) -> Element:
        return Element(
            self.tag,
            "".join(self.texts),
            tuple(self.children),
            self.attributes,
            self.line,
            self.column,
        )


class _Reader:
    """Collects what expat reports into elements, refusing what a payment file never needs."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.ProcessingInstructionHandler = self._refuse_instruction
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[_Open] = []
        self._count = 0
        self._root: Element | None = None

    def read(self, data: bytes) -> Element:
        try:
            self._parser.Parse(data, True)  # noqa: FBT003  (expat takes it by place only)
        except expat.ExpatError as error:
            raise self._refusal(
                f"Is not well-formed UTF-8 XML ({expat.ErrorString(error.code)}). Export it again."
            ) from error
        if self._root is None:  # expat refuses a document without a root before this
            raise AssertionError("expat accepted a document without a root")
        return self._root

    def _refusal(self, message: str) -> NotReadable:
        parser = self._parser
        problem = Problem("/", message, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        return NotReadable(problem)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() != "UTF-8":
            raise self._refusal(f"Is declared as {encoding}. Save the file as UTF-8.")

    def _refuse_doctype(self, *_: object) -> None:
        raise self._refusal("Has a DOCTYPE, which can hide entities. Remove it.")

    def _refuse_instruction(self, *_: object) -> None:
        # A style sheet would let the file look different to the officer than to the bank.
        raise self._refusal("Has a processing instruction (<?...?>). Remove it.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX:
            raise self._refusal(f"Has more than {ELEMENTS_MAX} elements. Split the file.")
        if len(self._open) >= DEPTH_MAX:
            raise self._refusal(f"Is nested more than {DEPTH_MAX} deep. Export it again.")
        parser = self._parser
        self._open.append(
            _Open(
                _tag(name),
                tuple((_braced(key), value) for key, value in attributes.items()),
                parser.CurrentLineNumber,
                parser.CurrentColumnNumber + 1,
            )
        )

    def _end(self, _name: str) -> None:
        element = self._open.pop().close()
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element

    def _characters(self, text: str) -> None:
        self._open[-1].texts.append(text)


def _braced(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}" if namespace else local


def _tag(name: str) -> str:
    """Write our own tags bare, and a tag without a namespace as {}tag: it is not ours."""
    namespace, _, local = name.rpartition(" ")
    return local if namespace == NAMESPACE else f"{{{namespace}}}{local}"


def read(data: bytes) -> Element:
    """Read XML into elements with their places.

    data     UTF-8 bytes, at most BYTES_MAX
    returns  the root element
    raises   NotReadable: too large, not UTF-8, not well-formed, a DOCTYPE or an instruction
    """
    if len(data) > BYTES_MAX:
        message = f"Has {len(data)} bytes, at most {BYTES_MAX} allowed. Split the file."
        raise NotReadable(Problem("/", message, 1, 1))
    return _Reader().read(data)


def write(root: Element) -> bytes:
    """Write elements as UTF-8 XML: equal trees give equal bytes.

    root     sound: no text that XML forbids, tags of our namespace
    returns  bytes with a declaration, two-space indent and LF
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    _write(root, f" xmlns={quoteattr(NAMESPACE)}", "", lines)
    return ("\n".join(lines) + "\n").encode()


def _write(element: Element, namespace: str, indent: str, lines: list[str]) -> None:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes)
    start = f"{indent}<{element.tag}{namespace}{attributes}>"
    if not element.children:
        lines.append(f"{start}{escape(element.text)}</{element.tag}>")
        return
    lines.append(start)
    for child in element.children:
        _write(child, "", f"{indent}  ", lines)
    lines.append(f"{indent}</{element.tag}>")
