/* Send, undo and what comes back: one press is one text, and words that did not go are in the box again. */
"use strict";
(() => {
  const { $, post, conv } = lot;
  const box = () => $("#box");
  let last = null, busy = false;

  /* getRandomValues stands also where randomUUID does not, on a plain http address in the shop. */
  function newId() {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    return [...b].map((n, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + n.toString(16).padStart(2, "0")).join("");
  }

  function draw(words, id) {
    const made = $("#tpl-bubble").content.firstElementChild.cloneNode(true);
    made.id = `pending-${id}`; made.dataset.at = new Date().toISOString().replace("Z", "+00:00");
    made.querySelector(".bubble").textContent = words;
    $("#log").append(made);
    $("[data-scroll]").scrollTop = 0;
    return made;
  }

  function back(words) {
    const b = box();
    if (!b) return;
    if (!b.value.trim()) b.value = words;
    b.focus(); b.setSelectionRange(b.value.length, b.value.length);
    lot.button();  // before the gate has answered: the next press may come first
    lot.check();
  }

  async function submit(form, extra = {}) {
    const words = box().value;
    if (busy) return;
    if (!words.trim()) { lot.say("Type a text first"); return; }
    if (lot.noting()) { note(form, words); return; }
    const strip = $("#verdict").dataset;
    if (strip.state === "error") { lot.check(); return; }
    if ($("#send").getAttribute("aria-disabled") === "true") { lot.alert($("#verdict").textContent.trim()); return; }
    busy = true;
    const data = new FormData(form), id = form.client_id.value, c = conv().dataset.c;
    for (const [key, value] of Object.entries(extra)) data.set(key, value);
    const pending = draw(words, id);
    lot.unkeep();
    box().value = ""; lot.button();
    let response, html = "";
    try {
      response = await post(form.action, data, { headers: { "X-Lotline": "1" } });
      html = await response.text();
    } catch { response = null; }
    busy = false;
    pending.remove();
    if (lot.openId() !== c) return;
    if (!response || response.status >= 500) { back(words); lot.closed(); return; }
    if (response.status === 409) { back(words); stale(html); return; }
    if (!response.ok) { back(words); lot.alert(html); lot.toast(html); return; }
    form.client_id.value = newId(); form.purpose.value = ""; form.why.value = ""; $("#why").value = "";
    const seen = response.headers.get("X-Seen");
    if (seen) form.seen.value = seen;
    $("#stale").replaceChildren();
    lot.put(html);
    const state = response.headers.get("X-State");
    if (state === "blocked") { back(words); lot.alert("Not sent"); return; }
    lot.check();
    const ms = Number(response.headers.get("X-Undo-Ms"));
    if (ms > 0) undoable(response.headers.get("X-Text"), ms, c);
    if (state === "held") lot.say("Held");
  }

  async function note(form, words) {
    busy = true;
    const response = await post(form.dataset.note, { body: words }).catch(() => null);
    busy = false;
    if (!response?.ok) { lot.alert("The note was not saved. Try again."); return; }
    box().value = ""; $("[data-write-note]").click();
  }

  function stale(html) {
    $("#stale").innerHTML = html;
    $("#stale [data-show]")?.focus();
    $("#composer").seen.value = "";
  }

  function undoable(id, ms, c) {
    last?.box.remove();
    const end = Date.now() + ms;
    const words = () => { const n = Math.max(1, Math.ceil((end - Date.now()) / 1000)); return `Sending in ${n} second${n === 1 ? "" : "s"}`; };
    const made = lot.toast(words(), "Undo", () => undo(id, c), 0);
    const ring = document.createElement("span");
    ring.className = "ring"; ring.ariaHidden = "true"; made.prepend(ring);
    made.removeAttribute("role");
    lot.say(words());
    const tick = setInterval(() => {
      const left = end - Date.now();
      if (left <= 0 || !made.isConnected) { clearInterval(tick); made.remove(); if (last?.id === id) last = null; $(`#m${id} [data-undo]`)?.remove(); return; }
      made.querySelector(".grow").textContent = words();
      ring.style.setProperty("--left", `${left / ms * 100}%`);
    }, 250);
    last = { id, c, box: made };
  }

  async function undo(id, c, act = "edit") {
    if (last?.id === id) { last.box.remove(); last = null; }
    const response = await post(`/out/${id}/undo`, { c, act }).catch(() => null);
    const done = response ? await response.json().catch(() => ({})) : {};
    if (!done.ok) { lot.alert(done.why || "It could not be taken back."); lot.toast(done.why || "It could not be taken back."); return; }
    $(`#m${id}`)?.remove();
    lot.say("Taken back");
    if (lot.openId() === c && act === "edit") back(done.body);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, by = event.submitter;
    if (form.id === "composer") { event.preventDefault(); submit(form, by?.name ? { [by.name]: by.value } : {}); $("#later").open = false; }
    const held = /^\/out\/([0-9a-f-]+)\/undo$/.exec(new URL(form.action, location).pathname);
    if (held && conv()) { event.preventDefault(); undo(held[1], lot.openId(), by?.value || "edit"); }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-undo]");
    if (link) { event.preventDefault(); undo(link.dataset.undo, lot.openId()); }
    if (event.target.closest("[data-show]")) { event.preventDefault(); $("[data-scroll]").scrollTop = 0; $("#stale").replaceChildren(); $("#log").focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "box") return;
    const mod = event.ctrlKey || event.metaKey;
    const enters = document.body.dataset.enterSends === "1" && !event.shiftKey && matchMedia("(pointer: fine)").matches;
    if (event.key === "Enter" && (mod || enters) && !event.isComposing && $("#tpl").hidden) { event.preventDefault(); submit($("#composer")); }
    if (event.key.toLowerCase() === "z" && mod && !box().value && last) { event.preventDefault(); undo(last.id, last.c); }
  });
})();
