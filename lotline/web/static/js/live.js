/* The live stream with a cursor of its own: whatever closes it, it opens again where it was (ui.md 5.6). */
"use strict";
(() => {
  const pill = lot.$("[data-live]");
  let cursor = document.body.dataset.cursor;
  if (!cursor || !pill) return;
  let source, timer, calm, wait = 500, heard = Date.now(), hidden = 0;

  function show(state) {
    clearTimeout(calm);
    const word = { live: "Live", reconnecting: "Reconnecting", offline: "Offline" }[state];
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
