// The phones page: asks what changed, waits for it, and plays the customer.
// Words from outside are only ever set as text.

const $ = (id) => document.getElementById(id);
const state = { version: null, data: null, phone: "", line: "", round: 0, shown: "" };

const initials = (row) =>
  row.name ? row.name.split(/\s+/).slice(0, 2).map((part) => part[0]).join("") : row.number.slice(-2);
const pretty = (number) =>
  /^\+1\d{10}$/.test(number) ? `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}` : number;
const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
const make = (tag, words, name) => {
  const node = document.createElement(tag);
  if (words !== undefined) node.textContent = words;
  if (name) node.className = name;
  return node;
};

let waiting = new AbortController();

async function ask(round) {
  const query = new URLSearchParams({ phone: state.phone });
  if (state.version !== null) query.set("after", state.version);
  const answer = await fetch(`/sim/phones/data?${query}`, { signal: waiting.signal });
  if (!answer.ok) throw new Error(answer.status);
  const data = await answer.json();
  if (round !== state.round) return;
  state.version = data.version;
  state.data = data;
  show();
}

async function watch() {
  waiting.abort(); // a browser holds few connections: the old question must not wait on one
  waiting = new AbortController();
  const round = ++state.round;
  state.version = null;
  while (round === state.round) {
    try {
      await ask(round);
      link(true);
    } catch {
      if (round !== state.round) return;
      link(false);
      state.version = null;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }
}

function link(on) {
  $("link").textContent = on ? "Live" : "Not connected, trying again";
  $("link").className = `link ${on ? "on" : "off"}`;
}

function show() {
  $("life").checked = state.data.life;
  showList();
  showPhone();
}

function showList() {
  const wanted = $("search").value.trim().toLowerCase();
  const digits = wanted.replace(/\D/g, "");
  const rows = state.data.phones.filter(
    (row) => !wanted || row.name.toLowerCase().includes(wanted) || (digits && row.number.includes(digits)),
  );
  const focused = document.activeElement?.dataset?.number;
  $("list").replaceChildren(...rows.map(listRow));
  if (focused) document.querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
}

function listRow(row) {
  const button = make("button", undefined, "row");
  button.dataset.number = row.number;
  if (row.number === state.phone) button.setAttribute("aria-current", "true");
  const title = make("b");
  title.append(make("span", row.name || pretty(row.number)));
  if (row.at) title.append(make("time", clock(row.at)));
  button.append(make("span", initials(row), "av"), title, make("i", row.last || pretty(row.number)));
  button.addEventListener("click", () => pick(row.number));
  const item = make("li");
  item.append(button);
  return item;
}

function pick(number) {
  if (number === state.phone) return;
  state.phone = number;
  state.line = "";
  state.shown = "";
  $("said").textContent = "";
  history.replaceState(null, "", `#${number}`);
  watch();
}

function showPhone() {
  const open = state.data.open;
  $("phone").hidden = !open;
  $("empty").hidden = Boolean(open);
  if (!open || open.number !== state.phone) return;
  $("av").textContent = initials(open);
  $("name").textContent = open.name || pretty(open.number);
  $("about").textContent = [pretty(open.number), open.persona.replace(/_/g, " ")].filter(Boolean).join(" · ");
  const known = open.conversations.map((one) => one.line);
  const lines = [...known, ...state.data.lines.filter((line) => !known.includes(line))];
  if (!lines.includes(state.line)) state.line = lines[0] || "";
  const select = $("line");
  if (select.dataset.lines !== lines.join()) {
    select.dataset.lines = lines.join();
    select.replaceChildren(...lines.map((line) => new Option(pretty(line), line)));
  }
  select.value = state.line;
  showLog(open.conversations.find((one) => one.line === state.line));
}

function showLog(conversation) {
  const texts = conversation?.texts || [];
  $("blocked").hidden = !conversation?.blocked;
  const print = state.line + texts.map((text) => text.sid + text.body).join();
  if (print === state.shown) return;
  state.shown = print;
  const log = $("log");
  log.replaceChildren(...texts.map(bubble));
  log.scrollTop = log.scrollHeight;
}

function bubble(text) {
  const item = make("li", undefined, text.mine ? "mine" : "ours");
  item.dataset.sid = text.sid;
  const words = make("div", text.body, "bubble");
  for (const url of text.media) {
    const image = make("img");
    image.alt = "Photo";
    image.src = url.startsWith(location.origin) ? url : "/sim/static/photo.png";
    words.append(image);
  }
  item.append(words, make("small", text.carrier ? `${clock(text.at)} · from the carrier` : clock(text.at)));
  return item;
}

async function say(body, media = []) {
  if (!state.line) return tell("No company number is known yet.", true);
  const answer = await fetch("/sim/inbound", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ from: state.phone, to: state.line, body, media }),
  });
  const said = await answer.json();
  const status = said.webhook_status;
  if (!answer.ok) tell(said.error, true);
  else if (status === null) tell("Sent, but the company could not be reached.", true);
  else if (status >= 300) tell(`Sent, but the company answered ${status}.`, true);
  else tell("Delivered to the company");
}

function tell(words, bad = false) {
  $("said").textContent = words;
  $("said").className = bad ? "said bad" : "said";
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = $("words").value;
  if (!body.trim()) return;
  $("words").value = "";
  say(body);
});
document.querySelector(".quick").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.says) say(button.dataset.says);
  if (button?.dataset.photo) say("", [`${location.origin}/sim/static/photo.png`]);
});
$("line").addEventListener("change", () => {
  state.line = $("line").value;
  showPhone();
});
$("search").addEventListener("input", () => state.data && showList());
$("another").addEventListener("submit", (event) => {
  event.preventDefault();
  const digits = $("number").value.replace(/\D/g, "");
  if (digits.length >= 10) pick(`+${digits.length === 10 ? "1" : ""}${digits}`);
});
$("life").addEventListener("change", () =>
  fetch("/sim/life", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ on: $("life").checked }),
  }),
);
addEventListener("hashchange", () => pick(decodeURIComponent(location.hash.slice(1))));

state.phone = decodeURIComponent(location.hash.slice(1));
watch();
