"""Refusals of a folder that books are to be written into."""

from evernormal.domain.errors import DomainError


class FolderBusy(DomainError):
    """Another run is writing into the same folder."""

    code = "output.busy"

    def __init__(self, *, folder: str) -> None:
        self.folder = folder
        super().__init__(f"Another run is at work in {folder}. Wait for it, or name another --out.")


class NotOurs(DomainError):
    """The folder holds files that are not this programme's books."""

    code = "output.not_ours"

    def __init__(self, *, folder: str, programme_id: str) -> None:
        self.folder, self.programme_id = folder, programme_id
        super().__init__(
            f"{folder} holds something else than the books of {programme_id}. "
            "Nothing was written. Name a new or empty folder as --out."
        )


class OverlapsInput(DomainError):
    """The folder for the books is the input folder, lies in it or around it."""

    code = "output.overlaps_input"

    def __init__(self, *, folder: str, inputs: str) -> None:
        self.folder, self.inputs = folder, inputs
        super().__init__(
            f"{folder} and the input folder {inputs} lie one in the other. "
            "Nothing was written. Name a folder beside it as --out."
        )


class FolderUnwritable(DomainError):
    """The system does not let the program write the books."""

    code = "output.unwritable"

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path} cannot be written: {reason}. Correct its permissions, or name another --out."
        )
