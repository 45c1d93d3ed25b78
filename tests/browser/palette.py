"""Pictures with a palette: a screen has few colours, so its picture needs few bytes.

The browser itself repacks its screenshots: the commonest colours stay as they are, with those that
would be missed most, and each other one becomes the nearest of them. No other program is needed.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_REPACK = """async (png) => {
    const blob = await (await fetch(`data:image/png;base64,${png}`)).blob();
    const image = await createImageBitmap(blob), w = image.width, h = image.height;
    const paint = new OffscreenCanvas(w, h).getContext('2d');
    paint.drawImage(image, 0, 0);
    const dots = new Uint32Array(paint.getImageData(0, 0, w, h).data.buffer), counts = new Map();
    for (const dot of dots) counts.set(dot, (counts.get(dot) || 0) + 1);
    const all = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
    const off = (one, dot) => {
        const r = (one & 255) - (dot & 255), g = (one >> 8 & 255) - (dot >> 8 & 255),
            b = (one >> 16 & 255) - (dot >> 16 & 255);
        return 2 * r * r + 4 * g * g + 3 * b * b;
    };
    const kept = all.slice(0, 208), rare = all.slice(208), nearest = rare.map((dot) => {
        let best = 0, least = Infinity;
        kept.forEach((one, n) => {
            const o = off(one, dot);
            if (o < least) { least = o; best = n; }
        });
        return [best, least];
    });
    for (let room = 256 - kept.length; room > 0 && rare.length; room--) {
        let worst = 0, most = -1;
        nearest.forEach(([, least], n) => {
            const lost = least * Math.sqrt(counts.get(rare[n]));
            if (lost > most) { most = lost; worst = n; }
        });
        const one = rare[worst];
        kept.push(one);
        rare.forEach((dot, n) => {
            const o = off(one, dot);
            if (o < nearest[n][1]) nearest[n] = [kept.length - 1, o];
        });
    }
    const place = new Map(kept.map((dot, n) => [dot, n]));
    rare.forEach((dot, n) => { if (!place.has(dot)) place.set(dot, nearest[n][0]); });
    const rows = new Uint8Array(h * (w + 1));
    for (let y = 0, at = 0; y < h; y++) {
        rows[at++] = 0;
        for (let x = 0; x < w; x++) rows[at++] = place.get(dots[y * w + x]);
    }
    const text = (bytes) => { let out = '';
        for (let n = 0; n < bytes.length; n += 32768)
            out += String.fromCharCode(...bytes.subarray(n, n + 32768));
        return btoa(out); };
    return { w, h, rows: text(rows), colours: kept };
}"""


def repacked(page: Page, png: bytes) -> bytes:
    """The same picture as a palette PNG."""
    said = page.evaluate(_REPACK, base64.b64encode(png).decode())
    palette = b"".join(struct.pack("<I", dot)[:3] for dot in said["colours"])
    head = struct.pack(">IIBBBBB", said["w"], said["h"], 8, 3, 0, 0, 0)
    rows = zlib.compress(base64.b64decode(said["rows"]), 9)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
