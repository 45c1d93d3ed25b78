"""The worker's process: sends, settles, gives leaves their places, wakes what sleeps.

On SIGTERM it claims nothing more, finishes what is in hand and ends.

Not here: the work (`lotline.workers`), the web's process (`asgi`).
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from functools import partial

from lotline.adapters.push import WebPush
from lotline.adapters.webhooks import Telephone
from lotline.config.demo.introducing import Introducer
from lotline.config.heap import set_heap_aside
from lotline.config.logs import set_up_logs
from lotline.config.settings import load_settings
from lotline.config.wiring import build_context, direct_dsn
from lotline.workers import counter, sequencer, timers
from lotline.workers.auditor import EVERY_S, Auditor
from lotline.workers.loop import Loop, Step
from lotline.workers.push import Notices
from lotline.workers.reconciler import Reconciler
from lotline.workers.sender import HANDS, Sender
from lotline.workers.webhooks import Webhooks

SENDERS = 2
PATIENCE_S = 0.25  # then a sender goes on with other accounts, and who tells with other addresses
CONNECTIONS = 2 * SENDERS * HANDS  # each hand holds one for its gates and may work on another


def _name(n: int) -> str:
    """Nobody else's: the same number may be a process of another host."""
    return f"sender-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}-{n}"


def main() -> int:
    settings = load_settings()
    set_up_logs(settings.log_level, "worker")
    ctx = build_context(settings, direct=True, connections=CONNECTIONS, wait_s=0)
    dsn = direct_dsn(settings)
    stopping = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stopping.set())
    senders = [Sender(ctx, _name(n), patience_s=PATIENCE_S) for n in range(SENDERS)]
    loops = [Loop([Step("send", sender.step)], dsn, stopping) for sender in senders]
    slow = [
        Step("sequence", partial(sequencer.step, ctx), every_s=0.5),
        Step("reconcile", Reconciler(ctx).step, every_s=5.0),
        Step("wake", partial(timers.wake, ctx), every_s=5.0),
        Step("settle", partial(timers.settle, ctx), every_s=20.0),
        Step("prune", partial(timers.prune, ctx), every_s=600.0),
        Step("meter", partial(timers.meter, ctx), every_s=600.0),
    ]
    if settings.simulator_url:  # it must know our numbers before it can bring us anything
        slow.append(Step("introduce", Introducer(ctx, settings).step, every_s=3.0))
    loops.append(Loop(slow, dsn, stopping))
    counted = [Step("count", partial(counter.step, ctx), every_s=counter.EVERY_S)]
    loops.append(Loop(counted, dsn, stopping))
    night = [Step("check", Auditor(ctx).step, every_s=EVERY_S)]
    night.append(Step("retire", partial(timers.retire, ctx), every_s=900.0))
    night.append(Step("export", partial(timers.export, ctx), every_s=900.0))
    loops.append(Loop(night, dsn, stopping))
    hooks = Webhooks(ctx, Telephone(private=settings.private_webhooks), patience_s=PATIENCE_S)
    told = [Step("tell", hooks.step, every_s=0.5), Step("forget", hooks.prune, every_s=3600.0)]
    loops.append(Loop(told, dsn, stopping))
    pushes = Notices(ctx, WebPush(private=settings.private_webhooks), patience_s=PATIENCE_S)
    rung = [Step("push", pushes.step, every_s=0.5), Step("hush", pushes.prune, every_s=3600.0)]
    loops.append(Loop(rung, dsn, stopping))
    threads = [threading.Thread(target=loop.run, name=f"loop-{n}") for n, loop in enumerate(loops)]
    set_heap_aside()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sender in senders:
        sender.close()
    hooks.close()
    pushes.close()
    ctx.db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
