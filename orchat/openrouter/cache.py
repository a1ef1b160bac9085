"""The catalogue kept at hand: in memory and on disk, renewed in the background, usable offline."""

import json
import logging
import threading
import time
from pathlib import Path

from orchat.errors import OpenRouterError
from orchat.openrouter.catalogue import Catalogue
from orchat.openrouter.client import OpenRouterClient
from orchat.openrouter.models import Endpoint, Model, Provider
from orchat.openrouter.rules import Rules

MAX_AGE = 3600.0
RETRY_AFTER = 30.0
log = logging.getLogger(__name__)


class CatalogueCache:
    """Answers at once with what it has, and renews what is older than `max_age` seconds on a thread of its own.

    `path` is the file it survives a restart in; None keeps it in memory only.
    """

    def __init__(self, client: OpenRouterClient, path: Path | None = None, *, max_age: float = MAX_AGE) -> None:
        self._client = client
        self._path = path
        self._max_age = max_age
        self._catalogue: Catalogue | None = None
        self._fetched_at = 0.0
        self._lock = threading.Lock()
        self._renewal: threading.Thread | None = None
        self._tried_at = float("-inf")
        self.problem: OpenRouterError | None = None
        """Why the last renewal failed; None after one that did not."""

    @property
    def loading(self) -> bool:
        """Whether there is no catalogue yet, and one is being fetched."""
        return self._catalogue is None and self._renewal is not None and self._renewal.is_alive()

    def current(self, *, wait: float = 0.0) -> Catalogue:
        """Return the catalogue. Where there is none yet, wait up to `wait` seconds for it; it may still be empty."""
        with self._lock:
            if self._catalogue is None:
                self._read_file()
            self._renew_if_old()
            renewal = self._renewal
        if self._catalogue is None and renewal is not None:
            renewal.join(wait)
        return self._catalogue or Catalogue()

    def lists_zdr(self, asked: str | None, answered: str | None, provider: str | None) -> bool | None:
        """Say what `Catalogue.lists_zdr` does, from what is in memory: nobody is asked for it."""
        return self._catalogue.lists_zdr(asked, answered, provider) if self._catalogue else None

    def find(self, name: str) -> Model | None:
        """Return the model of this name, from what is at hand: nobody is asked for it."""
        with self._lock:
            if self._catalogue is None:
                self._read_file()
            return self._catalogue.find(name) if self._catalogue else None

    def against(self, rules: Rules, asked: str | None, answered: str | None, provider: str | None) -> str | None:
        """Say what `Catalogue.against` does, from what is in memory."""
        return (self._catalogue or Catalogue()).against(rules, asked, answered, provider)

    def _renew_if_old(self) -> None:
        now = time.monotonic()
        busy = self._renewal is not None and self._renewal.is_alive()
        # A file from the future was written before the clock was put right.
        fresh = 0 <= time.time() - self._fetched_at < self._max_age
        if busy or fresh or now - self._tried_at < RETRY_AFTER:
            return
        self._tried_at = now
        self._renewal = threading.Thread(target=self._renew_in_background, name="catalogue", daemon=True)
        self._renewal.start()

    def _renew_in_background(self) -> None:
        try:
            self.renew()
        except RuntimeError:
            # httpx says so where the client has been closed meanwhile: then nobody needs the catalogue any more.
            if not self._client.closed:
                raise

    def renew(self) -> None:
        """Fetch the catalogue now. A failure is kept in `problem`, and the old catalogue stays."""
        try:
            models, endpoints = self._client.models(), self._client.zdr_endpoints()
        except OpenRouterError as error:
            log.warning("The model catalogue could not be renewed: %s", error.message)
            self.problem = error
            return
        providers = self._providers()
        with self._lock:
            self._catalogue = Catalogue(models, endpoints, providers)
            self._fetched_at, self.problem = time.time(), None
            self._write_file(models, endpoints, providers)

    def _providers(self) -> list[Provider]:
        """Fetch the names of providers: a compatible server may have no such list, and the rest is whole without it."""
        try:
            return self._client.providers()
        except OpenRouterError as error:
            log.info("The list of providers could not be fetched: %s", error.message)
            return []

    def _read_file(self) -> None:
        if self._path is None or not self._path.is_file():
            return
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            models = [Model.from_wire(entry) for entry in kept["models"]]
            endpoints = [Endpoint.from_wire(entry) for entry in kept["zdr_endpoints"]]
            providers = [Provider(slug, name) for slug, name in kept.get("providers", {}).items()]
            self._catalogue, self._fetched_at = Catalogue(models, endpoints, providers), float(kept["fetched_at"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("The kept model catalogue %s cannot be read and is fetched anew: %s", self._path, error)

    def _write_file(self, models: list[Model], endpoints: list[Endpoint], providers: list[Provider]) -> None:
        if self._path is None:
            return
        kept = {
            "fetched_at": self._fetched_at,
            "models": [model.raw for model in models],
            "zdr_endpoints": [endpoint.raw for endpoint in endpoints],
            "providers": {provider.slug: provider.name for provider in providers},
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(f".{threading.get_ident()}.tmp")
            beside.write_text(json.dumps(kept), "utf-8")
            beside.replace(self._path)
        except OSError as error:
            log.warning("The model catalogue cannot be kept in %s: %s", self._path, error)
