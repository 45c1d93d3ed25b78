/* The list and the conversation, kept true: events name things, this fetches them by id and puts them in place. */
"use strict";
(() => {
  const { $, get, post, fragment, conv } = lot;
  const list = () => $("#list");
  const query = () => list()?.dataset.query || "";
  const openId = () => conv()?.dataset.c || "";
  const many = (n) => n === 1 ? "1 new text" : `${n} new texts`;
  const rows = new Set(), items = new Set(), recent = [];
  let foot = false, newest = false, timer, leaves, fresh = 0, news = 0, lastSaid = 0, readUpto = "";

  document.addEventListener("lot:event", ({ detail: e }) => {
    recent.push({ e, at: Date.now() });
    while (recent.length > 200 || Date.now() - recent[0].at > 15000) recent.shift();
    if (e.name === "text.in") news += 1;
    happened(e);
  });
  function happened(e) {
    if (e.name === "presence") { if (e.conversation_id === openId()) presence().catch(() => {}); return; }
    const ours = conv() && (e.conversation_id === openId() || (!e.conversation_id && e.contact_id === conv().dataset.contact));
    if (e.conversation_id && list()) rows.add(e.conversation_id);
    if (ours && e.subject_id) items.add(e.subject_id);
    if (ours && !["read", "draft", "text.state", "consent.stop"].includes(e.name)) foot = true;
    if (ours && ["consent", "conversation"].includes(e.name)) newest = true;
    if (ours && e.name === "consent.stop") kept(refoot(openId()), () => { foot = true; });
    soon(30);
  }
  function soon(ms) { clearTimeout(timer); timer = setTimeout(flush, ms); }
  /* What could not be fetched is asked for again: an event is told only once. */
  const kept = (work, again) => work.catch(() => { again(); soon(1000); });
  const good = (response) => { if (response.status >= 500) throw new Error(response.status); return response; };
  document.addEventListener("lot:reset", () => location.reload());

  async function flush() {
    const id = openId(), wanted = [...items], again = foot, also = newest;
    items.clear(); foot = newest = false;
    const work = [...rows].map((one) => kept(row(one), () => rows.add(one)));
    rows.clear();
    if (id && (wanted.length || also)) work.push(kept(load(id, wanted, also), () => { wanted.forEach((one) => items.add(one)); newest = true; }));
    if (id && again) work.push(kept(refoot(id), () => { foot = true; }));
    if (list()) work.push(counts().catch(() => {}));
    await Promise.allSettled(work);
    if (news && Date.now() - lastSaid > 10000) { lot.say(many(news)); news = 0; lastSaid = Date.now(); }
  }

  async function row(id) {
    const response = await get(`/inbox/row/${id}/${query() ? `${query()}&` : "?"}open=${openId()}`, true).then(good);
    const before = $(`#row-${id}`);
    if (!response.ok || !response.headers.get("X-Fits")) { if (before && id !== openId()) before.closest("li")?.remove(); return; }
    const made = fragment(await response.text()).firstElementChild;
    const same = before && before.dataset.at === made.dataset.at;
    const home = before?.closest("li") || document.createElement("li");
    if (before) become(before, made); else { home.replaceChildren(made); htmx.process(home); }
    const all = $("[data-rows]");
    if (!all || same) return;
    all.closest("#rows").querySelector(".full")?.remove();
    const box = $("#rows");
    if (!before || (!list().matches(":hover") && box.scrollTop < 8)) {
      if (before || box.scrollTop < 8) { all.prepend(home); return; }
      fresh += 1; all.prepend(home); newer();
    }
  }

  /* A row stays the element it was: it may have focus, or a press on it may be under way. */
  function become(row, made) {
    const kept = ["htmx-request", "picked"].filter((name) => row.classList.contains(name));
    for (const name of ["class", "data-at", "aria-current"]) made.hasAttribute(name) ? row.setAttribute(name, made.getAttribute(name)) : row.removeAttribute(name);
    row.classList.add(...kept);
    row.replaceChildren(...made.childNodes);
  }

  function newer() {
    let button = $("#fresh");
    if (!button) {
      button = document.createElement("button");
      button.id = "fresh"; button.type = "button"; button.className = "btn sm fresh";
      button.onclick = () => { $("#rows").scrollTop = 0; button.remove(); fresh = 0; };
      $("#tabs").append(button);
    }
    button.textContent = `${fresh} new`;
  }

  async function counts() {
    const response = await get(`/inbox/counts/${query()}`, true);
    if (!response.ok) return;
    const made = fragment(await response.text()).firstElementChild, old = $("#tabs");
    if (old.contains(document.activeElement)) return;
    old.replaceWith(made);
    htmx.process(made);
    const n = Number(made.dataset.unreadN);
    for (const badge of document.querySelectorAll("[data-unread]")) { badge.hidden = !n; badge.querySelector("b").textContent = n; }
  }

  /* One after the other: no older answer takes the place of a newer one. */
  const inTurn = (work, turn = Promise.resolve()) => (...all) => (turn = turn.catch(() => {}).then(() => work(...all)));
  const load = inTurn(async (id, ids, also) => {
    const response = await get(`/c/${id}/items/?ids=${ids.join(",")}${also ? "&newest=1" : ""}`, true).then(good);
    const html = await response.text();
    if (response.ok && id === openId()) put(html, ids);
  });

  /* By id: known ones are swapped, new ones stand where their time puts them, those that are no more go. */
  function put(html, asked = []) {
    const log = $("#log"), scroll = $("[data-scroll]"), up = scroll.scrollTop < -100, all = fragment(html);
    let came = 0;
    for (const id of asked) if (!all.querySelector(`#m${id}`)) $(`#m${id}`)?.remove();
    for (const made of [...all.children]) {
      const old = $(`#${made.id}`);
      if (old) {
        if (!old.contains(document.activeElement)) { made.classList.toggle("more", old.classList.contains("more")); old.replaceWith(made); }
      } else {
        const after = [...log.children].filter((one) => !one.dataset.at || one.dataset.at <= made.dataset.at).pop();
        after ? after.after(made) : log.append(made);
        const last = made.previousElementSibling;
        made.classList.toggle("more", !!last?.dataset.from && last.dataset.from === made.dataset.from && new Date(made.dataset.at) - new Date(last.dataset.at) <= 300000);
        if (made.classList.contains("in")) came += 1;
      }
      htmx.process(made);
    }
    if (came && up) {
      const box = $("[data-to-end]");
      box.hidden = false;
      $("span", box).textContent = many(came);
    }
    seen();
  }

  /* The box is swapped only when it must go or come back; otherwise it keeps its words and caret. */
  const refoot = inTurn(async (id) => {
    const response = await get(`/c/${id}/foot/${query()}`, true).then(good);
    if (!response.ok || id !== openId()) return;
    let made = fragment(await response.text());
    const part = (name) => made.querySelector(`[data-part="${name}"]`);
    const was = $("#composer"), words = $("#box")?.value;
    if (words && part("foot").querySelector("#composer[data-gone]")) {
      await post(was.dataset.draft, { body: words });
      made = fragment(await (await get(`/c/${id}/foot/${query()}`, true)).text());  // with the words as they are kept
      if (id !== openId()) return;
    }
    const now = part("foot").querySelector("#composer");
    if (was.hasAttribute("data-gone") || now.hasAttribute("data-gone")) {
      const held = was.contains(document.activeElement);
      was.replaceWith(now);
      htmx.process(now);
      if (now.hasAttribute("data-gone")) lot.alert(now.querySelector("#verdict").textContent.trim());
      if (held) now.focus();
    } else document.dispatchEvent(new CustomEvent("lot:recheck"));
    const panel = $("#panel");
    if (!panel.contains(document.activeElement)) { panel.replaceWith(part("panel").firstElementChild); htmx.process($("#panel")); }
    $("#sub").replaceWith(part("sub").firstElementChild);
  });

  async function presence() {
    const response = await get(`/c/${openId()}/here/`, true);
    if (!response.ok) return;
    $("#presence").innerHTML = await response.text();
    clearTimeout(leaves);
    if ($("#presence").childElementCount) leaves = setTimeout(presence, 6200);
  }

  /* Read once the last text was on screen for a second with the window in front. */
  let reading;
  function seen() {
    clearTimeout(reading);
    reading = setTimeout(() => {
      const last = [...document.querySelectorAll("#log .msg.in")].pop();
      if (!last || last.dataset.id === readUpto || document.hidden || !document.hasFocus() || $("[data-scroll]").scrollTop < -100) return;
      readUpto = last.dataset.id;
      post(`/c/${openId()}/read/`, { upto: readUpto }).catch(() => { readUpto = ""; });
    }, 1000);
  }

  function arrived() {
    const app = $(".app"), here = !!conv();
    if (app.dataset.page !== "alone" && list()) { app.dataset.page = here ? "conversation" : "inbox"; app.classList.toggle("has-panel", here); }
    app.classList.remove("panel-open");
    for (const row of document.querySelectorAll(".row[aria-current]")) row.removeAttribute("aria-current");
    $(`#row-${openId()}`)?.setAttribute("aria-current", "page");
    if (!here) return;
    $("#log .new-line")?.scrollIntoView({ block: "center" });
    readUpto = "";
    seen();
    document.dispatchEvent(new CustomEvent("lot:open"));
    for (const { e } of recent) if (e.conversation_id === openId()) happened(e);  // while it was on its way
  }

  /* At once, not when all has settled: the next key may be pressed already. */
  document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "conv") { arrived(); $("#conv h1")?.focus(); } });
  /* Addresses are ours to keep: the library would note them on the device. */
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.elt.id !== "conv" && detail.elt.id !== "list") return;
    const path = detail.pathInfo.finalRequestPath;
    if (path !== location.pathname + location.search) history.pushState({}, "", path);
  });
  addEventListener("popstate", () => location.reload());
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const away = detail.xhr.getResponseHeader("HX-Redirect");
    if (!away) lot.lost();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel]")) {
      const app = $(".app");
      if (matchMedia("(max-width: 1099px)").matches && $("#panel")) { event.preventDefault(); app.classList.toggle("panel-open"); }
    }
    if (event.target.closest("[data-to-end]")) { $("[data-scroll]").scrollTop = 0; $("[data-to-end]").hidden = true; }
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  addEventListener("focus", seen);
  Object.assign(lot, { put, openId, refoot });
  arrived();
})();

/* <local-time since target>: how long somebody has waited, counted on while the page is open. */
customElements.define("local-time", class extends HTMLElement {
  connectedCallback() { this.timer = setInterval(() => this.count(), 20000); this.count(); }
  disconnectedCallback() { clearInterval(this.timer); }
  count() {
    const seconds = (lot.now() - new Date(this.getAttribute("since"))) / 1000, minutes = Math.max(1, Math.floor(seconds / 60));
    this.textContent = minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
    this.closest(".waits")?.classList.toggle("late", seconds > Number(this.getAttribute("target")));
  }
});
