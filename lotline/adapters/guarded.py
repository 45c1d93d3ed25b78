"""A session of `requests` for a library that calls an address that somebody typed.

Its calls go out as ours do (`outward`): no redirect is followed, no proxy of the machine is used,
and an answer may be so long and no longer.

Not here: what is asked (sign-in by an identity provider, in `web.provider`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from lotline.adapters.outward import NotReached, dial

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 1024 * 1024


class Guarded(BaseAdapter):
    """Under a session of `requests`, so that a library's own calls go no other way."""

    def __init__(self, *, private: bool = False) -> None:
        super().__init__()
        self._private = private

    def send(  # noqa: PLR0917  # the library's own signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # the library's own signature
        timeout: Any = None,
        verify: Any = True,  # as above
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One call. How long it may take and what is trusted are ours to say, not the caller's."""
        del stream, timeout, verify, cert, proxies
        try:
            line = dial(request.url or "", private=self._private)
        except NotReached as why:
            raise requests.ConnectionError(why.why) from None
        given = cast("Mapping[str, str]", request.headers)
        headers = {**given, "Host": line.host, "Accept-Encoding": "identity"}
        try:
            with line.pool as pool:
                answer = pool.urlopen(
                    request.method or "GET",
                    line.target,
                    body=cast("bytes | str | None", request.body),
                    headers=headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                )
                body = answer.read(LONGEST + 1)
                answer.close()
        except urllib3.exceptions.TimeoutError as slow:
            raise requests.Timeout(type(slow).__name__) from None
        except (urllib3.exceptions.HTTPError, OSError) as broken:
            raise requests.ConnectionError(type(broken).__name__) from None
        if len(body) > LONGEST:
            raise requests.ConnectionError("too long")
        response = HTTPAdapter().build_response(request, answer)
        response._content = body  # noqa: SLF001  # read already, so that nobody reads on
        return response

    def close(self) -> None:
        """Nothing is kept open."""


class Session(requests.Session):
    """A session that goes no other way, and nowhere else than it was told."""

    def __init__(self, *, private: bool = False) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Guarded(private=private))

    def get_redirect_target(self, _resp: requests.Response) -> str | None:
        """What answers with a redirect has answered."""
        return None
