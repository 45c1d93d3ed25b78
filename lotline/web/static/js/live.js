/* The live stream with a cursor of its own: whatever closes it, it opens again where it was.
   Then the idle lock, and notices on this device. */
"use strict";
(() => {
  const pill = lot.$("[data-live]");
  let cursor = document.body.dataset.cursor;
  if (!cursor || !pill) return;
  let source, timer, calm, wait = 500, heard = Date.now(), hidden = 0;

  function show(state) {
    clearTimeout(calm);
    const word = state[0].toUpperCase() + state.slice(1);
    const set = () => {
      if (pill.dataset.state === state) return;
      pill.dataset.state = state;
      if (pill.lastElementChild.textContent !== word) pill.lastElementChild.textContent = word;
      lot.$("#offline").hidden = state !== "offline";
    };
    if (state === "reconnecting") calm = setTimeout(set, 5000); else set();
  }

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  function open() {
    clearTimeout(timer);
    if (source) source.close();
    heard = Date.now();
    const mine = source = new EventSource(`/events?after=${encodeURIComponent(cursor)}`);
    const on = (name, act) => mine.addEventListener(name, (event) => {
      heard = Date.now();
      if (event.lastEventId) cursor = event.lastEventId;
      act(event);
    });
    mine.onopen = () => { heard = Date.now(); show("live"); };
    on("message", (event) => { wait = 500; tell("lot:event", JSON.parse(event.data)); });
    on("beat", () => { wait = 500; });
    on("recycle", () => open());
    on("reset", () => tell("lot:reset"));
    on("signed-out", () => { mine.close(); lot.empty(); location.replace("/signed-out/?why=ended"); });
    on("locked", () => { mine.close(); lot.empty(); location.replace("/locked/"); });
    mine.onerror = () => { if (mine === source) again(); };
  }

  function again() {
    source.close();
    show(navigator.onLine ? "reconnecting" : "offline");
    clearTimeout(timer);
    timer = setTimeout(open, wait + Math.random() * wait / 2);
    wait = Math.min(wait * 2, 30000);
  }

  function fresh() { wait = 500; open(); }

  setInterval(() => { if (!document.hidden && Date.now() - heard > 45000) fresh(); }, 5000);
  addEventListener("online", fresh);
  document.addEventListener("lot:answered", () => { if (source.readyState === EventSource.CLOSED && wait > 1000) fresh(); });
  addEventListener("offline", () => show("offline"));
  addEventListener("pageshow", (event) => { if (event.persisted) { lot.get("/me/here/").then(fresh, fresh); } });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { hidden = Date.now(); return; }
    if (source.readyState !== EventSource.OPEN || Date.now() - hidden > 60000 || Date.now() - heard > 25000) fresh();
  });
  addEventListener("pagehide", () => source.close());
  open();
})();

/* Left alone, the page locks: its content is replaced, not covered. The server finds out by itself too. */
(() => {
  const after = Number(document.body.dataset.lockAfter) * 1000;
  let active = Date.now(), told = Date.now();
  if (!after) return;
  const here = () => {
    active = Date.now();
    if (active - told > 60000) { told = active; lot.post("/me/here/").catch(() => {}); }
  };
  for (const name of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(name, here, { passive: true, capture: true });
  setInterval(async () => {
    if (Date.now() - active < after) return;
    const back = location.pathname + location.search;
    lot.empty();
    await lot.post("/me/lock/").catch(() => {});
    location.replace(`/locked/?next=${encodeURIComponent(back)}`);
  }, 5000);
})();

/* Notices on this device: what was read or opened goes from its screen, and the switch on one's own page. */
(() => {
  const { $ } = lot, worker = navigator.serviceWorker, box = $("#push");
  const clear = async (which) => { for (const one of await (await worker.ready).getNotifications(which)) one.close(); };
  if (worker) {
    worker.register("/sw.js").catch(() => {});
    clear();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) clear(); });
    document.addEventListener("lot:event", ({ detail: e }) => { if (e.name === "read") clear({ tag: e.conversation_id }); });
  }
  if (!box) return;
  const show = (state) => { for (const one of box.children) one.hidden = !one.dataset.is.includes(state); };
  const ours = async () => (await worker.ready).pushManager;
  async function look() {
    if (!window.PushManager) show(/iP(hone|ad)/.test(navigator.userAgent) ? "home" : "never");
    else show(Notification.permission === "denied" ? "denied" : box.dataset.on && await (await ours()).getSubscription() ? "on" : "off");
  }
  $("[data-turn-on]").onclick = async () => {
    try {
      await Notification.requestPermission();
      const manager = await ours();
      await (await manager.getSubscription())?.unsubscribe();  // it may be of another company
      const made = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset.key });
      if ((await lot.post("/me/push/", { said: JSON.stringify(made) })).ok) return location.reload();
    } catch {}
    await look();
    if (Notification.permission !== "denied") show("failed");
  };
  look();
})();
