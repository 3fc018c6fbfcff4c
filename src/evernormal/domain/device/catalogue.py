"""The catalogue: device classes by id and by the names that people and tools use for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from evernormal.domain.device.dense import SparseRate
from evernormal.domain.device.device_class import DeviceClass
from evernormal.domain.device.export_rule import ExportRules
from evernormal.domain.errors import DomainError

_IDLE = str.maketrans("", "", " -_")


class UnknownDevice(DomainError):
    """The catalogue has no device class of this name."""

    code = "device.unknown"

    def __init__(self, *, name: str, nearest: Sequence[str]) -> None:
        self.name, self.nearest = name, ", ".join(nearest) or "-"
        super().__init__(
            f"The catalogue has no device class {name!r}. Nearest: {self.nearest}. "
            "`evernormal catalogue list` names all."
        )


class AmbiguousDevice(DomainError):
    """A name stands for several device classes, which differ in what they can do."""

    code = "device.ambiguous"

    def __init__(self, *, name: str, classes: Sequence[str]) -> None:
        self.name, self.classes = name, ", ".join(classes)
        super().__init__(
            f"{name!r} is the name of several device classes. Say which: {self.classes}."
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Device classes in order, the rules for them, and sparse figures that are known."""

    devices: tuple[DeviceClass, ...]
    rules: ExportRules
    sparse: tuple[SparseRate, ...] = ()
    _by_name: dict[str, list[DeviceClass]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[DeviceClass]] = {}
        for device in self.devices:
            for name in dict.fromkeys(plain_name(one) for one in _names(device)):
                by_name.setdefault(name, []).append(device)
        object.__setattr__(self, "_by_name", by_name)

    def list_named(self, name: str) -> list[DeviceClass]:
        """Every class that goes by a name: none, one or several, in the catalogue's order."""
        return list(self._by_name.get(plain_name(name), ()))

    def get(self, name: str) -> DeviceClass:
        """The class of an id, a name or an alias; case, blanks and dashes do not count.

        raises   UnknownDevice with the nearest names; AmbiguousDevice with the classes it may be
        """
        found = self.list_named(name)
        if not found:
            near = get_close_matches(plain_name(name), list(self._by_name), n=3)
            ids = dict.fromkeys(one.id for key in near for one in self._by_name[key])
            raise UnknownDevice(name=name, nearest=tuple(ids))
        if len(found) > 1:
            raise AmbiguousDevice(name=name, classes=[one.id for one in found])
        return found[0]


def plain_name(name: str) -> str:
    """A name without what writers vary: case, blanks, dashes."""
    return name.casefold().translate(_IDLE)


def _names(device: DeviceClass) -> Iterable[str]:
    return filter(None, (device.id, device.name, device.name_zh, *device.aliases))
