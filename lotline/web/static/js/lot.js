/* What every other script uses: asking the server, speaking to screen readers, toasts. Keeps nothing on the device. */
"use strict";
/* Not even a library may keep anything in the browser: it finds a store that takes nothing. */
Object.defineProperty(window, "sessionStorage", { value: { length: 0, getItem: () => null, removeItem() {}, setItem() { throw new Error("nothing is kept on the device"); } } });
const lot = (() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const headers = { "X-Lotline": "1" };

  async function ask(url, options = {}) {
    const response = await fetch(url, { cache: "no-store", ...options, headers: { ...headers, ...options.headers } });
    document.dispatchEvent(new Event("lot:answered"));
    const away = response.headers.get("HX-Redirect");
    if (away) { empty(); location.replace(away); }
    return response;
  }
  const get = (url, live) => ask(url, live ? { headers: { "X-Lotline": "live" } } : {});
  const post = (url, data = {}, options = {}) => ask(url, {
    method: "POST", ...options,
    body: data instanceof FormData ? data : new URLSearchParams(data),
    headers: { "X-CSRFToken": document.body.dataset.csrf, ...options.headers },
  });

  /* Said once, then gone: a region that stays full would be read again, and found again. */
  const speak = (id) => (text) => {
    const box = $(id);
    box.textContent = "";
    requestAnimationFrame(() => { box.textContent = text; });
    setTimeout(() => { if (box.textContent === text) box.textContent = ""; }, 1500);
  };

  const make = (tag, given) => Object.assign(document.createElement(tag), given);

  function toast(text, label, act, ms = 6000) {
    const box = make("div", { className: "toast" });
    box.setAttribute("role", "status");
    box.append(make("span", { className: "grow", textContent: text }));
    if (label) box.append(make("button", { type: "button", textContent: label, onclick() { box.remove(); act(); } }));
    $("#toasts").append(box);
    if (ms) setTimeout(() => box.remove(), ms);
    return box;
  }

  function fragment(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    return made.content;
  }

  /* The page holds nobody's words any more, whatever comes next. */
  function empty() { document.body.replaceChildren(); document.title = "Lotline"; }

  /* The server's clock, so that a wrong one here counts no wrong minutes. */
  const drift = new Date(document.body.dataset.now || Date.now()) - Date.now();
  const now = () => Date.now() + drift;

  const conv = () => $("#conv[data-c]");
  const say = speak("#say");
  const lost = () => say("That didn’t load. Try again.");
  return { $, now, get, post, toast, fragment, empty, conv, say, lost, alert: speak("#alert") };
})();
