// What is shown is a function of the state, and the state is the address's fragment: a link shows the same.
"use strict";

const at = id => document.getElementById(id);
const FORM = /^([^/?#]+)\/([^?#]+?)(?:\?([^#]+))?#([^:#]+):(\d+):(\d+)$/;
const KEYS = { ArrowUp: "u", ArrowDown: "d", ArrowLeft: "l", ArrowRight: "r" };
const state = { address: "", size: "", theme: "paper", walk: null, reply: "", format: "image" };
let known, shown;

function made(tag, words, ...classes) {
  const it = document.createElement(tag);
  it.textContent = words;
  it.classList.add(...classes.filter(Boolean));
  return it;
}

// A reply of the server as JSON, or its one line of what is wrong as an error.
async function fetched(path, options) {
  let told;
  try {
    const answer = await fetch(path, options);
    told = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
    if (answer.ok) return told;
  } catch (wrong) {
    if (wrong.name === "AbortError") throw wrong;
    throw new Error("avrgym does not answer; is it still running?");
  }
  throw new Error(told.error);
}

const asks = (path, keys) => fetched(`${path}?${new URLSearchParams(keys)}`);
const sends = (path, body, signal) => fetched(path, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal,
});

// Runs the newest of several calls to its end; what an older one finds is dropped.
function newest(work) {
  let turn = 0;
  return async (...given) => {
    const mine = ++turn;
    try { await work(() => mine === turn, ...given); }
    catch (wrong) { if (mine === turn && wrong.name !== "AbortError") complain(wrong.message); }
  };
}

function complain(words) { at("wrong").textContent = words; }

// --- State and the address line ---

function parts() {
  const [, task, level, params, split, seed, index] = state.address.match(FORM) || [];
  return task && { task, level, params: new Map((params || "").split("&").filter(Boolean).map(pair => {
    const cut = pair.indexOf("=");
    return cut < 0 ? [pair, ""] : [pair.slice(0, cut), pair.slice(cut + 1)];
  })), split, seed, index };
}

function spelled({ task, level, params, split, seed, index }) {
  const said = [...params].map(([key, value]) => `${key}=${value}`).join("&");
  return `${task}/${level}${said && "?" + said}#${split}:${seed}:${index}`;
}

function remember() {
  const kept = new URLSearchParams({ address: state.address });
  if (state.size) kept.set("size", state.size);
  if (state.theme !== "paper") kept.set("theme", state.theme);
  if (state.walk !== null) kept.set("walk", state.walk);
  if (state.format !== "image") kept.set("format", state.format);
  if (state.reply) kept.set("reply", state.reply);
  history.replaceState(null, "", `#${kept}`);
}

function recall() {
  const kept = new URLSearchParams(location.hash.slice(1));
  const first = known.tasks[0];
  state.address = kept.get("address") || `${first.name}/${first.levels[0].name}#train:0:0`;
  state.size = kept.get("size") || "";
  state.theme = kept.get("theme") || "paper";
  state.walk = kept.get("walk");
  state.format = kept.get("format") || "image";
  at("reply").value = state.reply = kept.get("reply") || "";
}

// --- Controls ---

function options(select, names, chosen) {
  if (!names.includes(chosen)) names = [chosen, ...names];  // what is wrong is shown, and said
  select.replaceChildren(...names.map(name => new Option(name.replaceAll("_", " "), name, false, name === chosen)));
}

function controls() {
  at("address").value = state.address;
  at("size").value = state.size;
  options(at("theme"), known.themes, state.theme);
  const named = parts();
  if (!named) return;
  const task = known.tasks.find(it => it.name === named.task);
  const levels = task ? task.levels : [];
  const level = levels.find(it => it.name === named.level);
  options(at("task"), known.tasks.map(it => it.name), named.task);
  options(at("level"), levels.map(it => it.name), named.level);
  options(at("split"), known.splits, named.split);
  at("seed").value = named.seed;
  at("index").value = named.index;
  at("size").placeholder = task ? task.size : "";
  at("about").textContent = task ? task.about : "";
  at("changed").textContent = named.params.size ? `(${named.params.size} changed)` : "";
  const keys = level ? Object.entries(level.parameters) : [];
  if (at("params").dataset.of !== `${named.task}/${named.level}`) {
    at("params").dataset.of = `${named.task}/${named.level}`;
    at("params").replaceChildren(...keys.map(([key, value]) => {
      const label = made("label", key.replaceAll("_", " ")), field = document.createElement("input");
      Object.assign(field, { name: key, placeholder: value, autocomplete: "off", spellcheck: false });
      field.addEventListener("change", choose);
      label.title = task.meanings[key] || "";
      label.append(field);
      return label;
    }));
  }
  for (const field of at("params").querySelectorAll("input")) field.value = named.params.get(field.name) || "";
}

function choose() {
  const params = new Map(), before = parts();
  const same = before && before.task === at("task").value && before.level === at("level").value;
  if (same) for (const field of at("params").querySelectorAll("input")) if (field.value.trim()) params.set(field.name, field.value.trim());
  const task = known.tasks.find(it => it.name === at("task").value);
  const has = task.levels.some(it => it.name === at("level").value);
  go(spelled({
    task: task.name, level: has ? at("level").value : task.levels[0].name, params,
    split: at("split").value, seed: at("seed").value.trim(), index: at("index").value.trim(),
  }));
}

// Another problem: what was said of the one before does not hold of it.
function go(address) {
  if (address !== state.address) {
    if (state.walk) state.walk = "";
    state.address = address;
  }
  state.size = at("size").value.trim();
  state.theme = at("theme").value;
  refresh();
}

function step(by) {
  const named = parts();
  if (!named) return;
  const next = BigInt(named.index) + by;
  if (next >= 0n) go(spelled({ ...named, index: String(next) }));
}

// --- What is shown ---

function piecesOf(pieces, judged) {
  return pieces.flatMap(piece => {
    const words = made("span", piece.text, piece.skill && "piece", judged ? piece.state : piece.skill && "skilled");
    if (piece.skill) words.title = piece.note;
    if (!judged && piece.skill) words.style.setProperty("--hue", hue(piece.skill));
    return [words, ...piece.ended.map(mark => {
      const said = mark.skill.replaceAll("_", " ");
      const why = mark.reason ? `✗ ${mark.reason.replaceAll("_", " ")} · ${said}` : `✓ ${said}`;
      return made("span", judged ? why : said, "note", judged && mark.state);
    })];
  });
}

function hue(skill) { return (known.skills.indexOf(skill) * 137 + 200) % 360; }

function numbers(list, named) {
  list.replaceChildren(...Object.entries(named).map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(made("dt", name.replaceAll("_", " ")), made("dd", value === null ? "–" : String(+value.toPrecision(6))));
    return pair;
  }));
}

const refresh = newest(async current => {
  remember();
  controls();
  let told;
  try { told = await asks("api/sample", { address: state.address, size: state.size, theme: state.theme }); }
  catch (wrong) { at("main").classList.add("stale"); throw wrong; }
  if (!current()) return;
  shown = told;
  complain("");
  at("main").classList.remove("stale");
  document.title = `${told.address} · avrgym`;
  at("question").textContent = told.question;
  at("twin").textContent = told.twin;
  at("content").textContent = told.content;
  at("steps").replaceChildren(...piecesOf(told.steps, false));
  numbers(at("features"), told.features);
  numbers(at("shortcuts"), told.shortcuts);
  at("unread").textContent = told.unread;
  const task = known.tasks.find(it => told.address.startsWith(`${it.name}/`));
  at("walking").hidden = !task.board;
  if (!task.board) state.walk = null;
  await Promise.all([draw(), judge()]);
});

// The picture, or the board as the walk has left it.
const draw = newest(async current => {
  remember();
  const walking = state.walk !== null;
  at("walk").setAttribute("aria-pressed", walking);
  at("pad").hidden = !walking;
  at("picture").tabIndex = walking ? 0 : -1;
  walking ? at("picture").setAttribute("role", "application") : at("picture").removeAttribute("role");
  walking ? at("picture").setAttribute("aria-label", "Board: arrow keys move, Backspace takes back") : at("picture").removeAttribute("aria-label");
  at("drawn").classList.toggle("none", !!shown.unread);
  const keys = { address: shown.address, size: state.size, theme: state.theme };
  if (walking) keys.moves = state.walk;
  if (!shown.unread) {
    const next = new Image();
    next.src = `picture.png?${new URLSearchParams(keys)}`;
    await next.decode().catch(() => {});
    if (!current()) return;
    at("drawn").src = next.src;
    at("drawn").alt = walking ? "The board as it stands" : `Picture of ${shown.address}; the twin has the same in words`;
  }
  at("said").textContent = "";
  if (!walking) return;
  const came = await asks("api/walk", { address: shown.address, moves: state.walk });
  if (!current()) return;
  at("said").textContent = came.said;
  at("said").dataset.distance = came.distance;
  at("moves").textContent = state.walk || "none yet";
  at("digits").hidden = at("digits-help").hidden = !came.digits;
  for (const key of document.querySelectorAll("[data-move]")) key.disabled = came.over;
});

function move(letter) {
  if (state.walk === null || document.querySelector("[data-move]").disabled) return;
  state.walk += letter;
  draw();
}

function takeBack() { state.walk = (state.walk || "").slice(0, -1); draw(); }

let judging;
const judge = newest(async current => {
  remember();
  if (judging) judging.abort();
  judging = new AbortController();
  if (!state.reply) return verdict({ outcome: "", form: "", components: {}, pieces: [] });
  const told = await sends("api/verify", { address: shown.address, reply: state.reply }, judging.signal);
  if (current()) { complain(""); verdict(told); }
});

function verdict(told) {
  at("outcome").textContent = told.outcome;
  at("outcome").className = told.outcome;
  at("form").textContent = told.outcome && (told.form ? `answer marked by: ${told.form.replaceAll("_", " ")}` : "no answer was found");
  at("judged").replaceChildren(...piecesOf(told.pieces, true));
  numbers(at("components"), told.components);
}

async function ask(event) {
  event.preventDefault();
  at("ask").disabled = true;
  at("asked").textContent = "asking…";
  try {
    const told = await sends("api/ask", {
      address: state.address, format: state.format, sampled: at("sampled").checked, seed: Number(at("draw").value),
    });
    state.reply = at("reply").value = told.reply;
    at("asked").textContent = `${told.tokens} tokens in ${told.seconds.toFixed(1)} s${told.finish === "length" ? ", cut short" : ""}`;
    at("seen").hidden = !told.picture;
    if (told.picture) { at("seen-picture").src = told.picture; at("seen-how").textContent = `as the model saw it: ${told.seen}`; }
    remember();
    verdict(told);
  } catch (wrong) { at("asked").textContent = wrong.message; }
  at("ask").disabled = false;
}

// --- Beginning ---

async function begin() {
  known = await fetched("api/about");
  for (let digit = 0; digit < 10; digit++) {
    const key = made("button", String(digit));
    key.type = "button";
    key.dataset.move = digit;
    at("digits").append(key);
  }
  for (const id of ["task", "level", "split", "theme", "seed", "index", "size"]) at(id).addEventListener("change", choose);
  at("choice").addEventListener("submit", event => event.preventDefault());
  at("address").addEventListener("change", () => go(at("address").value.trim()));
  at("before").addEventListener("click", () => step(-1n));
  at("after").addEventListener("click", () => step(1n));
  at("copy").addEventListener("click", () => navigator.clipboard.writeText(location.href).then(() => {
    at("copy").textContent = "Copied";
    setTimeout(() => { at("copy").textContent = "Copy link"; }, 1500);
  }));
  at("skip").addEventListener("click", event => { event.preventDefault(); at("picture").focus(); });
  at("walk").addEventListener("click", () => {
    state.walk = state.walk === null ? "" : null;
    draw();
    if (state.walk !== null) at("picture").focus({ preventScroll: true });
  });
  at("pad").addEventListener("click", event => { const key = event.target.closest("[data-move]"); if (key) move(key.dataset.move); });
  at("back").addEventListener("click", takeBack);
  at("again").addEventListener("click", () => { state.walk = ""; draw(); });
  for (const place of [at("picture"), at("pad")]) place.addEventListener("keydown", event => {
    if (state.walk === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = KEYS[event.key] || (/^\d$/.test(event.key) && !at("digits").hidden && event.key);
    if (letter) move(letter);
    else if (event.key === "Backspace") takeBack();
    else return;
    event.preventDefault();
  });
  at("reply").addEventListener("input", () => { state.reply = at("reply").value; judge(); });
  const use = words => { state.reply = at("reply").value = words; judge(); };
  at("use-steps").addEventListener("click", () => use(shown.rationale));
  at("use-answer").addEventListener("click", () => use(`Answer: ${shown.answer}`));
  at("clear").addEventListener("click", () => use(""));
  at("asking").addEventListener("submit", ask);
  at("format").addEventListener("change", () => { state.format = at("format").value; remember(); });
  addEventListener("hashchange", () => { recall(); setUp(); refresh(); });
  recall();
  setUp();
  await refresh();
}

function setUp() {
  at("asking").hidden = !known.model;
  if (known.model) options(at("format"), known.model.formats, state.format);
}

begin().catch(wrong => complain(wrong.message));
