/* The verdict while typing: only the strip changes, never the box. When the gate can't be asked, nothing can be sent. */
"use strict";
(() => {
  const { $, get, post, fragment, conv } = lot;
  const form = () => $("form#composer"), box = () => $("#box");
  let timer, drafting, asked = 0, noting = false, kept = "", beat = 0;

  function say(strip) {
    const old = $("#verdict"), f = form();
    if (!old || !f) return;
    if (old.innerHTML !== strip.innerHTML) old.innerHTML = strip.innerHTML;
    old.className = strip.className;
    for (const key of Object.keys(strip.dataset)) old.dataset[key] = strip.dataset[key];
    delete old.dataset.checking;
    const d = strip.dataset;
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
  setInterval(() => { if (!document.hidden && conv()) { if (Date.now() - beat > 6000) typing("viewing"); } }, 25000);
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
  document.addEventListener("change", (event) => { if (event.target.id === "why") form().why.value = event.target.value; });
  document.addEventListener("input", (event) => { if (event.target.id === "why") form().why.value = event.target.value; });
  Object.assign(lot, { check, button, closed, noting: () => noting, unkeep: () => { clearTimeout(drafting); kept = ""; } });
  if (form()) button();
})();
