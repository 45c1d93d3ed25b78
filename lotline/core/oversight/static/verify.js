"use strict";
/* Checks an evidence.json with nothing but itself: the same hashes as `lotline verify`. No network. */

const FORMAT = "lotline-evidence/1";
const bytesOf = (words) => new TextEncoder().encode(words);

// --- SHA-256 (FIPS 180-4). Its constants are the fractions of roots of the first primes. ---

const [START, ROUND] = (() => {
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  return [primes.slice(0, 8).map((p) => fraction(Math.sqrt(p))), primes.map((p) => fraction(Math.cbrt(p)))];
})();

function sha256Rising() {
  const state = START.slice(), w = new Int32Array(64), tail = new Uint8Array(128);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  let held = 0, size = 0;
  const blocks = (data, from, to) => {
    const view = new DataView(data.buffer, data.byteOffset);
    for (let block = from; block < to; block += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) { w[i] = view.getInt32(block + 4 * i); continue; }
        const x = w[i - 15], y = w[i - 2];
        w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7]
          + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) | 0; });
    }
  };
  return {
    add(data) {
      size += data.length;
      let at = 0;
      if (held) {
        at = Math.min(64 - held, data.length);
        tail.set(data.subarray(0, at), held);
        held += at;
        if (held < 64) return;
        blocks(tail, 0, 64);
        held = 0;
      }
      const whole = at + ((data.length - at) & ~63);
      blocks(data, at, whole);
      tail.set(data.subarray(whole));
      held = data.length - whole;
    },
    end() {
      tail.fill(0, held);
      tail[held] = 0x80;
      const to = held < 56 ? 64 : 128, view = new DataView(tail.buffer);
      view.setUint32(to - 8, Math.floor(size / 2 ** 29));
      view.setUint32(to - 4, (size << 3) >>> 0);
      blocks(tail, 0, to);
      const out = new Uint8Array(32), seen = new DataView(out.buffer);
      state.forEach((value, i) => seen.setInt32(4 * i, value));
      return out;
    },
  };
}

function sha256(...pieces) {
  const sum = sha256Rising();
  for (const one of pieces) sum.add(one);
  return sum.end();
}

// --- plain values ---

class Broken extends Error {
  constructor(where, says) { super(says); this.where = where; }
}
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const to64 = (data) => btoa(String.fromCharCode(...data));
function from64(text, size, where) {
  let data = null;
  try { data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); } catch { /* said below */ }
  if (typeof text !== "string" || !data || to64(data) !== text || (size && data.length !== size)) {
    throw new Broken(where, "not base64 as it is written here");
  }
  return data;
}

/** The one sequence of characters that stands for a value: sorted keys, no spaces, whole numbers. */
function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Broken("", "a number is not whole");
    return String(value);
  }
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  return "{" + Object.keys(value).sort().map((key) =>
    JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
}

function holds(found, names, where) {
  const keys = found && typeof found === "object" && !Array.isArray(found) ? Object.keys(found) : [];
  if (keys.sort().join() !== names.slice().sort().join()) {
    throw new Broken(where, "it holds " + names.join(", ") + " and nothing else");
  }
}

// --- the tree (RFC 6962, RFC 9162). Sizes are BigInt: shifts of numbers end at 32 bits. ---

const hashLeaf = (data) => sha256(Uint8Array.of(0), data);
const hashNode = (left, right) => sha256(Uint8Array.of(1), left, right);

function includes(leaf, index, size, proof, root) {
  if (!(0 <= index && index < size)) return false;
  let at = BigInt(index), last = BigInt(size) - 1n, grown = leaf;
  for (const step of proof) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      grown = hashNode(step, grown);
      while (!(at & 1n) && at) { at >>= 1n; last >>= 1n; }
    } else {
      grown = hashNode(grown, step);
    }
    at >>= 1n; last >>= 1n;
  }
  return last === 0n && same(grown, root);
}

function grew(older, newer, proof) {
  const first = BigInt(older.size), second = BigInt(newer.size);
  if (first > second) return false;
  if (first === second) return !proof.length && same(older.root, newer.root);
  if (first === 0n) return !proof.length && same(older.root, sha256());
  const steps = (first & (first - 1n)) === 0n ? [older.root, ...proof] : proof;
  if (!steps.length) return false;
  let at = first - 1n, last = second - 1n;
  while (at & 1n) { at >>= 1n; last >>= 1n; }
  let old = steps[0], now = steps[0];
  for (const step of steps.slice(1)) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      old = hashNode(step, old); now = hashNode(step, now);
      while (!(at & 1n) && at) { at >>= 1n; last >>= 1n; }
    } else {
      now = hashNode(now, step);
    }
    at >>= 1n; last >>= 1n;
  }
  return last === 0n && same(old, older.root) && same(now, newer.root);
}

// --- who vouches: C2SP signed notes with Ed25519 ---

function readKey(text, where) {
  const [name, id, code] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text || "")?.slice(1) || [];
  if (!name) throw new Broken(where, "a public key is written name+id+key");
  const data = from64(code, 33, where);
  const own = sha256(bytesOf(name + "\n"), data).slice(0, 4);
  if (data[0] !== 1 || hex(own) !== id) throw new Broken(where, "the key's id is not that of the key");
  return { name, id, text, raw: data.slice(1) };
}

/** Who of the keys signed; `null` when this browser cannot check Ed25519 at all. */
async function signedBy(text, lines, keys, where) {
  const found = [];
  for (const line of lines) {
    const [, name, code] = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) || [];
    if (!name) throw new Broken(where, "a signature line is not as the form has it");
    const data = from64(code, 68, where);
    const key = keys.find((one) => one.name === name && one.id === hex(data.slice(0, 4)));
    if (!key) throw new Broken(where, "a signature that no listed key can check");
    let good = false;
    try {
      const known = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
      good = await crypto.subtle.verify({ name: "Ed25519" }, known, data.slice(4), bytesOf(text));
    } catch { return null; }
    if (!good) throw new Broken(where, "the checkpoint cannot be believed: its signature does not fit");
    found.push(key);
  }
  if (!found.length) throw new Broken(where, "the checkpoint cannot be believed: nobody signed it");
  return found;
}

async function readNote(note, keys, origin, where) {
  const cut = String(note).lastIndexOf("\n\n");
  const text = String(note).slice(0, cut + 1), lines = String(note).slice(cut + 2).split("\n");
  const said = text.split("\n");
  if (cut < 0 || lines.pop() !== "" || said.length !== 4 || !/^(0|[1-9][0-9]{0,15})$/.test(said[1])) {
    throw new Broken(where, "a checkpoint has three lines and a signature");
  }
  if (said[0] !== origin) throw new Broken(where, "a checkpoint of another log");
  const signers = await signedBy(text, lines, keys, where);
  return { size: Number(said[1]), root: from64(said[2], 32, where), signers };
}

// --- the bundle ---

const steps = (proof, where) => proof.map((one) => from64(one, 32, where));

async function checkLog(log, trusted, problems) {
  holds(log, ["origin", "keys", "checkpoint", "earlier"], "log");
  const keys = log.keys.map((one, i) => readKey(one, `log.keys[${i}]`));
  if (keys.some((key) => key.name !== log.origin)) throw new Broken("log.keys", "a key of another log");
  const newest = await readNote(log.checkpoint, keys, log.origin, "log.checkpoint");
  const used = new Set(newest.signers || keys);
  for (const [i, older] of log.earlier.entries()) {
    const where = `log.earlier[${i}]`;
    holds(older, ["checkpoint", "proof"], where);
    const then = await readNote(older.checkpoint, keys, log.origin, where);
    for (const key of then.signers || []) used.add(key);
    if (!grew(then, newest, steps(older.proof, where))) {
      problems.push([where, "the log did not grow from this checkpoint: its past was changed"]);
    }
  }
  if (keys.some((key) => !used.has(key))) problems.push(["log.keys", "a key that signed nothing here"]);
  if (trusted && !keys.some((key) => key.text === trusted)) {
    problems.push(["log.checkpoint", "not signed by the key you gave"]);
  }
  return { ...newest, keys };
}

function checkLeaf(one, where, newest, problems) {
  holds(one, ["index", "leaf", "proof", "shown"], where);
  const hash = checkParts(one, where, problems);
  checkPlace(hash, one, where, newest, problems);
  return hash;
}

function checkPlace(hash, one, where, newest, problems) {
  if (!includes(hash, one.index, newest.size, steps(one.proof, where), newest.root)) {
    problems.push([where, `entry ${one.index} is not in the signed log as it stands here`]);
  }
}

function checkParts(one, where, problems) {
  holds(one.leaf, ["v", "kind", "group", "id", "at", "chain", "commitments"], where + ".leaf");
  const hash = hashLeaf(bytesOf(canonical(one.leaf)));
  for (const [name, part] of Object.entries(one.shown)) {
    holds(part, ["salt", "content"], `${where}.shown.${name}`);
    const salt = from64(part.salt, 32, `${where}.shown.${name}`);
    const own = to64(sha256(salt, bytesOf(canonical(part.content))));
    if (one.leaf.commitments[name] !== own) {
      problems.push([`${where}.shown.${name}`, "the content is not what the ledger committed to: it was changed"]);
    }
  }
  return hash;
}

function checkChain(chain, hashes, problems) {
  chain.forEach((one, i) => {
    const link = one.leaf.chain, where = `chain[${i}]`;
    if (!link) problems.push([where, "an entry of no chain stands in the chain"]);
    else if (link.of !== chain[0].leaf.chain?.of) problems.push([where, "an entry of another contact's chain"]);
    else if (link.seq !== i + 1) problems.push([where, `entry ${link.seq} of the chain stands where ${i + 1} must`]);
    else if (link.prev !== (i ? to64(hashes[i - 1]) : null)) {
      problems.push([where, "it does not follow the entry before it"]);
    }
  });
}

function checkExport(bundle, hashes, problems) {
  const { chain, beside } = bundle, last = chain.at(-1);
  if (last?.leaf.kind !== "export" || Object.keys(last.shown).join() !== "export") {
    problems.push(["chain", "its end is missing: the last entry of a bundle is its own export"]);
    return null;
  }
  const rest = hashes.filter((_, i) => i !== chain.length - 1);
  const listed = [...chain.slice(0, -1), ...beside].map((one, i) =>
    [to64(rest[i]), Object.keys(one.shown).sort()]);
  if (last.shown.export.content.shown !== to64(sha256(bytesOf(canonical(listed))))) {
    problems.push([`chain[${chain.length - 1}]`, "the bundle does not show what its export says it shows"]);
  }
  const all = [...chain, ...beside];
  if (new Set(all.map((one) => one.index)).size !== all.length) {
    problems.push(["chain", "two entries are said to stand in one place of the log"]);
  }
  if (beside.some((one) => one.leaf.chain) || all.some((one) => one.leaf.group !== last.leaf.group)) {
    problems.push(["beside", "an entry of another chain or company"]);
  }
  return last.shown.export.content;
}

async function verify(text, trusted) {
  let bundle = null;
  try { bundle = JSON.parse(text); } catch { /* said below */ }
  if (bundle?.format !== FORMAT) return { unreadable: "This is no evidence.json of the form " + FORMAT + "." };
  const problems = [], done = { bundle, problems };
  try {
    if (canonical(bundle) !== text.replace(/\n$/, "")) {
      problems.push(["", "the file was written anew: it is not laid out as the ledger writes it"]);
    }
    holds(bundle, ["format", "log", "chain", "beside"], "bundle");
    const newest = done.newest = await checkLog(bundle.log, trusted, problems);
    const hashes = ["chain", "beside"].flatMap((name) =>
      bundle[name].map((one, i) => checkLeaf(one, `${name}[${i}]`, newest, problems)));
    checkChain(bundle.chain, hashes, problems);
    done.story = checkExport(bundle, hashes, problems);
  } catch (error) {
    problems.push(error instanceof Broken ? [error.where, error.message] : ["", "its form is broken: " + error.message]);
  }
  return done;
}

const KINDS = {
  text: "Text", brought: "Text from a private phone", decision: "Decision", consent: "Consent entry", export: "Export",
};
const wordsOf = (one) => one.shown?.text?.content?.body ?? one.shown?.brought?.content?.body;

// --- a bundle about many: a line for each customer, read one after the other ---

const MANY = "lotline-evidence/2", RUNS = '"runs":[', MOST = 1000;

async function* linesOf(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const reader = file.stream().getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    held += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const lines = held.split("\n");
    held = lines.pop();
    yield* lines;
    if (done) { if (held) yield held; return; }
  }
}

function checkRun(run, where, before, seen) {
  const { newest, group, problems } = seen;
  holds(run, ["index", "leaves", "proof", "whom"], where);
  holds(run.whom, ["salt", "content"], where + ".whom");
  const whom = run.whom.content;
  holds(whom, ["id", "name", "number", "devices"], where + ".whom");
  if (whom.id <= before) problems.push([where, "customers stand in the order of their ids, each once"]);
  if (!run.leaves.length) throw new Broken(where, "a customer without an entry");
  const listed = [];
  let previous = null;
  run.leaves.forEach((one, i) => {
    const here = `${where}.leaves[${i}]`;
    holds(one, ["leaf", "shown"], here);
    const own = [];
    const hash = checkParts(one, here, own), link = one.leaf.chain;
    if (!link || link.of !== whom.id || one.leaf.group !== group) own.push([here, "an entry of another chain or company"]);
    else if (link.seq !== i + 1) own.push([here, `entry ${link.seq} of the chain stands where ${i + 1} must`]);
    else if (link.prev !== (previous && to64(previous))) own.push([here, "it does not follow the entry before it"]);
    const body = wordsOf(one), kind = KINDS[one.leaf.kind] || one.leaf.kind;
    if (one.shown.brought) seen.brought.push(one);
    for (const [at, says] of own) {
      problems.push([`${kind} ${one.leaf.id} of ${one.leaf.at}${body ? `, \u201c${body}\u201d` : ""} (${at})`, says]);
    }
    listed.push([to64(hash), Object.keys(one.shown).sort()]);
    previous = hash;
  });
  checkPlace(previous, run, where, newest, problems);
  const salt = from64(run.whom.salt, 32, where + ".whom");
  seen.entries += run.leaves.length;
  seen.customers += 1;
  return canonical([to64(sha256(salt, bytesOf(canonical(whom)))), listed]) + "\n";
}

/** `null` when the file is of another form. */
async function verifyMany(file, trusted) {
  const lines = linesOf(file);
  const first = (await lines.next()).value || "";
  if (!first.endsWith(RUNS)) return null;
  const problems = [], done = { problems, many: { entries: 0, customers: 0, brought: [] } };
  try {
    const head = done.bundle = JSON.parse(first.slice(0, -RUNS.length - 1) + "}");
    if (head.format !== MANY) return { unreadable: "This is no evidence.json of the form " + MANY + "." };
    if (canonical(head).slice(0, -1) + "," + RUNS !== first) problems.push(["", "the first line was written anew"]);
    holds(head, ["format", "log", "export", "beside"], "bundle");
    const newest = done.newest = await checkLog(head.log, trusted, problems);
    checkLeaf(head.export, "export", newest, problems);
    const part = head.export.shown.export?.content, group = head.export.leaf.group;
    if (head.export.leaf.kind !== "export" || !part) throw new Broken("export", "not the entry of an export of many");
    done.story = part;
    const seen = Object.assign(done.many, { newest, group, problems });
    const beside = head.beside.map((one, i) => [to64(checkLeaf(one, `beside[${i}]`, newest, problems)), Object.keys(one.shown).sort()]);
    if (head.beside.some((one) => one.leaf.chain || one.leaf.group !== group)) problems.push(["beside", "an entry of another chain or company"]);
    const sum = sha256Rising();
    let before = "", at = 0, ended = false;
    for await (const line of lines) {
      if (ended) { if (line) problems.push(["", "something stands after the end"]); continue; }
      if (line === "]}") { ended = true; continue; }
      if (!line) continue;
      const words = line.replace(/,$/, ""), run = JSON.parse(words), where = `runs[${at++}]`;
      if (canonical(run) !== words) problems.push([where, "it was written anew"]);
      sum.add(bytesOf(checkRun(run, where, before, seen)));
      before = run.whom.content.id;
      if (problems.length > MOST) throw new Broken("", "so much is broken that the rest was not looked at");
    }
    if (!ended) throw new Broken("", "the file is cut off");
    sum.add(bytesOf(canonical(beside) + "\n"));
    if (to64(sum.end()) !== part.shown) problems.push(["export", "the bundle does not show what its export says it shows"]);
  } catch (error) {
    problems.push(error instanceof Broken ? [error.where, error.message] : ["", "its form is broken: " + error.message]);
  }
  return done;
}

// --- the page ---

const $ = (id) => document.getElementById(id);
function add(parent, tag, words) {
  const made = parent.appendChild(document.createElement(tag));
  made.textContent = words;
  return made;
}

/** What was on a private phone, and who brought it in when: it is no text of the company's. */
function broughtIn(found, people) {
  if (!found.length) return "";
  const by = new Set(found.map((one) => `${people[one.shown.brought.content.by] || "a member"} on ${one.leaf.at.slice(0, 10)}`));
  return `${found.length} of the texts ${found.length === 1 ? "was" : "were"} never sent or received by Lotline: `
    + `from a private phone, brought in by ${[...by].join(", ")}.`;
}

/** What a place of the bundle is, for a person. */
function named(where, bundle) {
  if (!bundle.chain) return where || "The file";
  const [, list, at] = /^(chain|beside)\[(\d+)\]/.exec(where) || [];
  const one = list && bundle[list]?.[Number(at)];
  if (!one?.leaf) return where || "The file";
  const kind = KINDS[one.leaf.kind] || one.leaf.kind, body = wordsOf(one);
  return `${kind} of ${one.leaf.at}, entry ${one.index}${body ? `, “${body}”` : ""} (${where})`;
}

function show(done, name) {
  const out = $("out");
  out.replaceChildren();
  out.className = done.unreadable || done.problems.length ? "broken" : "whole";
  if (done.unreadable) { add(out, "h2", "UNREADABLE"); add(out, "p", done.unreadable); return; }
  const { bundle, problems, newest, story, many } = done;
  const unsigned = newest && newest.signers === null;
  add(out, "h2", problems.length ? "BROKEN" : unsigned ? "WHOLE, but the signature was not checked" : "WHOLE");
  if (problems.length) {
    add(out, "p", `${problems.length} ${problems.length === 1 ? "thing is" : "things are"} not as the ledger has them:`);
    const list = add(out, "ul", "");
    for (const [where, says] of problems) add(list, "li", `${named(where, bundle)}: ${says}`);
  } else {
    const entries = many ? many.entries + bundle.beside.length + 1 : bundle.chain.length + bundle.beside.length;
    add(out, "p", `Every one of ${entries} entries${many ? ` of ${many.customers} customers` : ""} is what the signed log holds.`);
  }
  if (unsigned) add(out, "p", "This browser cannot check Ed25519 signatures. Use a newer one, or: lotline verify " + name);
  if (story) {
    const about = many ? `${story.about.kind} ${story.about.name}` : `${story.contact.name}, ${story.contact.number}`;
    add(out, "p", `${story.group.name}: ${about}. Exported ${story.made_at} by ${story.exporter.name} (${story.purpose}).`);
    const brought = broughtIn(many ? many.brought : bundle.chain.filter((one) => one.shown.brought), story.people);
    if (brought) add(out, "p", brought);
  }
  if (newest) {
    add(out, "p", `Log ${bundle.log.origin}, ${newest.size} entries, signed by:`);
    for (const key of newest.keys) add(out, "code", key.text);
    if (!$("key").value.trim()) add(out, "p", "This key came with the file. Compare it with the one the company gave you before.");
  }
}

async function take(file) {
  if (!file) return;
  $("out").textContent = "Checking…";
  let text = "", many = null;
  try {
    many = await verifyMany(file, $("key").value.trim());
  } catch { /* said as unreadable below */ }
  if (many) { show(many, file.name); return; }
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch { /* said as unreadable */ }
  show(await verify(text, $("key").value.trim()), file.name);
}

$("file").addEventListener("change", (event) => take(event.target.files[0]));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
