"""Signing: Twilio's classic signature, as its customers check it.

The address signed is the one the customer believes it is called at, without its fragment.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping


def sign(url: str, params: Mapping[str, str], token: str) -> str:
    """Base64 of HMAC-SHA1 over the address and every name and value in order of name."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    return b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
