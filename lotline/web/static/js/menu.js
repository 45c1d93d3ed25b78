/* Ctrl+K: any page, person or customer, by typing; Enter goes. */
"use strict";
(() => {
  const { $, get } = lot;
  const box = $("#menu");
  let timer, asked = 0;
  if (!box) return;

  function open() {
    box.innerHTML = '<input class="k-in" role="combobox" aria-expanded="true" aria-controls="k-list" aria-label="Go to anything" placeholder="Go to anything" autocomplete="off"><div class="k-list" id="k-list" role="listbox" aria-label="Results"></div>';
    box.showModal();
    load("");
  }
  async function load(words) {
    const mine = ++asked;
    const response = await get(`/menu/?q=${encodeURIComponent(words)}`).catch(lot.lost);
    if (mine !== asked || !response?.ok) return;
    $("#k-list").innerHTML = await response.text();
    mark(0);
  }
  function mark(step) {
    const all = [...box.querySelectorAll("[role=option]")], at = all.findIndex((one) => one.ariaSelected === "true");
    const next = all[Math.min(all.length - 1, Math.max(0, step ? at + step : 0))];
    for (const one of all) one.ariaSelected = String(one === next);
    next?.scrollIntoView({ block: "nearest" });
    $(".k-in").setAttribute("aria-activedescendant", next?.id || "");
  }
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); box.open ? box.close() : open(); }
  });
  box.addEventListener("input", ({ target }) => { clearTimeout(timer); timer = setTimeout(load, 120, target.value); });
  box.addEventListener("keydown", async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Enter") {
      event.preventDefault(); clearTimeout(timer);
      await load($(".k-in").value);
      box.querySelector('[aria-selected="true"]')?.click();
    }
  });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
})();
