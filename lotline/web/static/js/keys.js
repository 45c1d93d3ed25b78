/* The keyboard map (`?`), going anywhere by typing (Ctrl+K), template list (`/` in an empty box) and picking rows.
   Single keys can be turned off. */
"use strict";
(() => {
  const { $, get, conv } = lot, menu = $("#menu");
  const shown = (one) => one?.checkVisibility?.() ?? one?.offsetParent;
  const press = (key) => { const one = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((el) => shown(el) || el.closest("details")); if (one) one.matches("textarea") ? one.focus() : one.click(); return !!one; };
  const go = { i: "/inbox/", c: "/customers/", d: "/dashboard/", r: "/review/", t: "/team/", l: "/rules/", s: "/templates/" };
  let gone = 0, timer, asked = 0;

  const clamp = (all, at) => all[Math.min(all.length - 1, Math.max(0, at))];
  /* One of a list is meant while the field keeps focus: the next, the one before, or (0) the first. */
  function mark(all, step, field) {
    const next = clamp(all, step && all.findIndex((one) => one.ariaSelected === "true") + step);
    for (const one of all) one.ariaSelected = String(one === next);
    next?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", next?.id || "");
  }
  const arrow = (event) => event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;

  function move(step) {
    const log = $("#log")?.contains(document.activeElement), all = [...document.querySelectorAll(log ? "#log [data-id]" : "#rows .row")], at = all.indexOf(document.activeElement);
    const from = at < 0 ? log ? all.length : all.findIndex((row) => row.hasAttribute("aria-current")) : at, one = clamp(all, from + step);
    if (log && one) one.tabIndex = -1;
    one?.focus();
  }

  function pick() {
    const row = document.activeElement.closest(".row");
    if (!row) return;
    row.classList.toggle("picked");
    const all = [...document.querySelectorAll(".row.picked")], bar = $("#bulk");
    bar.hidden = !all.length; bar.ids.value = all.map((one) => one.dataset.c).join(","); bar.querySelector("[data-n]").textContent = all.length;
    lot.say(`${all.length} picked`);
  }

  async function help() {
    const box = $("#keys"), response = await get("/help/keys/").catch(lot.lost);
    if (!response) return;
    box.innerHTML = await response.text();
    box.showModal();
  }

  document.addEventListener("keydown", (event) => {
    const at = event.target, typing = at.matches("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && at.id === "box" && $("#tpl").hidden) { at.blur(); $("#log").focus(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.shortcuts === "off" || $("dialog[open]")) return;
    const key = event.key;
    let done = true;
    if (Date.now() - gone < 1200 && go[key]) location.assign(go[key]);
    else if (key === "g") gone = Date.now();
    else if (key === "?") help();
    else if (key === "/") { const one = $(".pane-list .search input, .page .search input"); shown(one) ? one.focus() : location.assign("/search/"); }
    else if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
    else if (key === "x" && $("#bulk")) pick();
    else if (key === "f" && at.dataset.from) location = `/review/flag/${at.dataset.id}/`;
    else if (key === "n") $("#rows .row.unread")?.focus();
    else done = key.length < 2 && press(key);
    if (done) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) { event.preventDefault(); help(); }
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.closest("[data-templates]")) templates();
    const option = event.target.closest("#tpl [role=option]");
    if (option) insert(option);
  });

  /* Templates: the list stands over the box, the box keeps focus and says which one is meant. */
  const every = () => [...document.querySelectorAll("#tpl [role=option]")], options = () => every().filter((one) => !one.hidden);
  async function templates() {
    const list = $("#tpl"), box = $("#box");
    const response = await get(`/c/${conv().dataset.c}/templates/`).catch(lot.lost);
    if (!response) return;
    list.innerHTML = await response.text();
    list.hidden = false;
    box.focus(); box.setAttribute("aria-controls", "tpl");
    filter("");
  }
  function filter(words) {
    for (const one of every()) one.hidden = !one.dataset.find.includes(words.toLowerCase());
    choose(0);
  }
  const choose = (step) => mark(options(), step, $("#box"));
  function shut() { $("#tpl").hidden = true; $("#box").removeAttribute("aria-activedescendant"); $("#box").removeAttribute("aria-controls"); }
  function insert(option) {
    const box = $("#box");
    shut();
    box.value = option.dataset.body;
    box.focus();
    const gap = /\{[^}]*\}/.exec(box.value);
    if (gap) box.setSelectionRange(gap.index, gap.index + gap[0].length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("input", ({ target }) => {
    if (target.id !== "box") return;
    if (target.value === "/" && $("#tpl").hidden) templates();
    else if (!$("#tpl").hidden) { if (target.value.startsWith("/")) filter(target.value.slice(1)); else shut(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "box" || $("#tpl").hidden) return;
    if (arrow(event)) { event.preventDefault(); choose(arrow(event)); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); shut(); }
    const one = options().find((each) => each.ariaSelected === "true");
    if (event.key === "Enter" && one) { event.preventDefault(); insert(one); }
  }, true);

  /* Ctrl+K: any page, person or customer, by typing; Enter goes. */
  async function load(words) {
    const mine = ++asked, response = await get(`/menu/?q=${encodeURIComponent(words)}`).catch(lot.lost);
    if (mine !== asked || !response?.ok) return;
    $("#k-list").innerHTML = await response.text();
    pass(0);
  }
  const pass = (step) => mark([...menu.querySelectorAll("[role=option]")], step, $(".k-in"));
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (menu.open) { menu.close(); return; }
    menu.innerHTML = '<input class="k-in" role="combobox" aria-expanded="true" aria-controls="k-list" aria-label="Go to anything" placeholder="Go to anything" autocomplete="off"><div class="k-list" id="k-list" role="listbox" aria-label="Results"></div>';
    menu.showModal();
    load("");
  });
  menu.addEventListener("input", ({ target }) => { clearTimeout(timer); timer = setTimeout(load, 120, target.value); });
  menu.addEventListener("keydown", async (event) => {
    if (arrow(event)) { event.preventDefault(); pass(arrow(event)); }
    if (event.key === "Enter") {
      event.preventDefault(); clearTimeout(timer);
      await load($(".k-in").value);
      $('[aria-selected="true"]', menu)?.click();
    }
  });
  menu.addEventListener("click", (event) => { if (event.target === menu) menu.close(); });
})();
