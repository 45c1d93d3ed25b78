/* The verdict while typing: only the strip changes, never the box. When the gate can't be asked, nothing can be sent.
   Then send, undo and what comes back: one press is one text, and words that did not go are in the box again. */
"use strict";
(() => {
  const { $, post, fragment, conv } = lot;
  const form = () => $("form#composer"), box = () => $("#box");
  let timer, drafting, asked = 0, noting = false, kept = "", beat = 0;

  function say(strip) {
    const old = $("#verdict"), f = form();
    if (!old || !f) return;
    if (old.innerHTML !== strip.innerHTML) old.innerHTML = strip.innerHTML;
    old.className = strip.className;
    const d = strip.dataset;
    Object.assign(old.dataset, d);
    delete old.dataset.checking;
    f.className = `composer is-${d.state}`;
    $("#count").textContent = d.count; $("#count").classList.toggle("many", d.many === "1");
    const chip = $("#purpose > summary");
    chip.className = `chip sq ${d.purpose === "reply" ? "" : d.purpose}`;
    chip.querySelector("[data-word]").textContent = d.word;
    chip.querySelector(".auto").textContent = d.picked ? "by hand" : "auto";
    $("#purpose [data-laxer]").hidden = d.laxer !== "1";
    $("#added").hidden = !d.added; $("#added > span").textContent = d.added;
    const wake = $("#later [data-wake]");
    if (wake && d.wake) { wake.hidden = false; wake.value = d.wake; wake.querySelector(".sub").textContent = d.wakeSaid; }
    button();
  }

  /* The button says what pressing it does; it is never swapped, so it keeps focus. */
  function button() {
    const send = $("#send"), d = $("#verdict").dataset, empty = !box().value.trim();
    const off = noting ? empty : empty || (!d.go && !["quiet", "error"].includes(d.state));
    send.setAttribute("aria-disabled", String(off));
    send.querySelector(".word").textContent = noting ? "Save note" : d.button || "Send";
    const plane = send.querySelector("[data-plane]");
    plane.setAttribute("href", plane.getAttribute("href").replace(/#.*/, d.state === "hold" && !noting ? "#i-clock" : "#i-send"));
  }

  function closed() {
    const strip = document.createElement("div");
    strip.className = "verdict error"; Object.assign(strip.dataset, { ...$("#verdict").dataset, state: "error", button: "Try again", go: "" });
    strip.innerHTML = "<span></span><div><b>Can’t check the rules right now</b> <span class=\"why\">Your text is kept here and nothing sends.</span></div>";
    say(strip);
  }

  async function check() {
    const f = form();
    if (!f || noting) return;
    clearTimeout(timer);
    const mine = ++asked, slow = setTimeout(() => { $("#verdict").dataset.checking = "1"; }, 400);
    try {
      const response = await post(f.dataset.preview, { body: box().value, purpose: f.purpose.value });
      const html = await response.text();
      if (mine !== asked || !form()) return;
      if (response.ok) say(fragment(html).firstElementChild); else closed();
    } catch { if (mine === asked && form()) closed(); } finally { clearTimeout(slow); }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(check, 350); };

  function keep(leaving) {
    const f = form();
    clearTimeout(drafting);
    if (!f || noting || box().value === kept) return;
    kept = box().value;
    const data = new URLSearchParams({ body: kept, csrfmiddlewaretoken: document.body.dataset.csrf });
    if (leaving) navigator.sendBeacon(f.dataset.draft, data); else post(f.dataset.draft, { body: kept }).catch(() => { kept = ""; });
  }

  function typing(doing) {
    const now = Date.now(), id = conv()?.dataset.c;
    if (!id || (doing === "typing a reply" && now - beat < 4000)) return;
    beat = doing === "typing a reply" ? now : 0;
    post(`/c/${id}/here/`, { doing }).catch(() => {});
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "box") return;
    button(); soon(); typing("typing a reply");
    clearTimeout(drafting); drafting = setTimeout(keep, 800);
  });
  document.addEventListener("focusout", (event) => { if (event.target.id === "box" && box().value) check(); });
  document.addEventListener("lot:recheck", check);
  document.addEventListener("lot:open", () => { kept = box()?.value || ""; noting = false; if (form()) button(); typing("viewing"); });
  setInterval(() => { if (!document.hidden && conv() && Date.now() - beat > 6000) typing("viewing"); }, 25000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  addEventListener("pagehide", () => { keep(true); const id = conv()?.dataset.c; if (id) navigator.sendBeacon(`/c/${id}/here/`, new URLSearchParams({ doing: "", csrfmiddlewaretoken: document.body.dataset.csrf })); });
  document.addEventListener("htmx:beforeRequest", () => keep());

  document.addEventListener("click", (event) => {
    const pick = event.target.closest("#purpose [data-purpose]");
    if (pick) { form().purpose.value = pick.dataset.purpose; check(); if (!$("#purpose [data-laxer]").hidden) $("#why").focus(); else { $("#purpose").open = false; box().focus(); } }
    const note = event.target.closest("[data-write-note]");
    if (note) {
      noting = !noting;
      note.setAttribute("aria-pressed", String(noting)); form().classList.toggle("noting", noting);
      box().placeholder = noting ? "A note for your team. Customers never see it" : `Text ${conv().dataset.name}`;
      button(); box().focus();
      if (!noting) check();
    }
  });
  for (const name of ["change", "input"]) document.addEventListener(name, ({ target }) => { if (target.id === "why") form().why.value = target.value; });
  if (form()) button();

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
    button();  // before the gate has answered: the next press may come first
    check();
  }

  const refused = (why) => { lot.alert(why); lot.toast(why); };

  async function submit(form, extra = {}) {
    const words = box().value;
    if (busy) return;
    if (!words.trim()) { lot.say("Type a text first"); return; }
    if (noting) { note(form, words); return; }
    const strip = $("#verdict").dataset;
    if (strip.state === "error") { check(); return; }
    if ($("#send").getAttribute("aria-disabled") === "true") { lot.alert($("#verdict").textContent.trim()); return; }
    busy = true;
    const data = new FormData(form), id = form.client_id.value, c = conv().dataset.c;
    for (const [key, value] of Object.entries(extra)) data.set(key, value);
    const pending = draw(words, id);
    clearTimeout(drafting); kept = "";
    box().value = ""; button();
    let response, html = "";
    try {
      response = await post(form.action, data, { headers: { "X-Lotline": "1" } });
      html = await response.text();
    } catch { response = null; }
    busy = false;
    pending.remove();
    if (lot.openId() !== c) return;
    if (!response || response.status >= 500) { back(words); closed(); return; }
    if (response.status === 409) { back(words); stale(html); return; }
    if (!response.ok) { back(words); refused(html); return; }
    form.client_id.value = newId(); form.purpose.value = ""; form.why.value = ""; $("#why").value = "";
    const seen = response.headers.get("X-Seen");
    if (seen) form.seen.value = seen;
    $("#stale").replaceChildren();
    lot.put(html);
    const state = response.headers.get("X-State");
    if (state === "blocked") { back(words); lot.alert("Not sent"); return; }
    check();
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
    if (!done.ok) { refused(done.why || "It could not be taken back."); return; }
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
