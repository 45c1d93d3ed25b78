/* Left alone, the page locks: its content is replaced, not covered. The server finds out by itself too. */
"use strict";
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
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();
