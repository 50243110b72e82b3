"""Why the servers of this machine do not run."""

from __future__ import annotations


class ServiceError(Exception):
    """A server did not start, did not become ready or does not keep what it promises."""


class ServiceMissing(ServiceError):  # noqa: N818 - a state, told as such
    """The program of a server is not installed; the text holds the command that installs it."""


class AlreadyRunning(ServiceError):  # noqa: N818 - a state, told as such
    """Another process holds the data folder."""

    def __init__(self, data_dir: object, pid: int | None) -> None:
        super().__init__(data_dir, pid)
        self.data_dir = data_dir
        self.pid = pid

    def __str__(self) -> str:
        who = f" (pid {self.pid})" if self.pid else ""
        return (
            f"Sohoa đang chạy trên thư mục {self.data_dir}{who}; hãy dừng bản đó trước (Ctrl-C) "
            f"hoặc dùng tiếp bản đó. / Already running on {self.data_dir}{who}."
        )
