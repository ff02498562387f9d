"""Beside: something that goes on in a thread of its own while a suite does what it does."""

import threading


class Beside:
    """Goes on while it is entered. A subclass says in `_go_on` what is done, until `_stop` is set."""

    def __init__(self, name):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=name, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _go_on(self):
        raise NotImplementedError
