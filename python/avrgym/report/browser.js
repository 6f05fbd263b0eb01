// What is shown is a function of the state, and the state is the address's fragment: a link shows the same.
// Everything that was said reaches the page as text, never as markup; nothing is judged or cut here.
"use strict";
(async () => {
  const at = name => document.getElementById(`fb-${name}`);
  const root = document.getElementById("failures");
  const START = {
    left: "", right: "", change: "", kind: "failed", skill: "", reason: "", task: "", level: "", format: "",
    decoding: "", template: "", look: "", min: "", max: "", text: "", sort: "address", item: "",
  };
  const state = { ...START }; // left and right are numbers of subjects; values of filters are words
  const CHANGES = { differ: "they differ", gained: "wrong → right", lost: "right → wrong", neither: "neither is right" };
  const SORTS = { address: "by address", shortest: "shortest first", longest: "longest first", fewest: "fewest tokens", most: "most tokens" };
  const ROW = 50; // pixels of a row, as the style has it
  const SPARE = 8; // rows drawn beyond what is seen

  /** An element with words in it. */
  const made = (tag, words, ...classes) =>
    Object.assign(document.createElement(tag), { textContent: words, className: classes.filter(Boolean).join(" ") });

  /** Work that waits until nobody has asked for it for some milliseconds. */
  function delayed(work, pause) {
    let waiting;
    return () => { clearTimeout(waiting); waiting = setTimeout(work, pause); };
  }

  const counted = number => number.toLocaleString("en");

  /** What Python packed: base64 of gzip of JSON. */
  async function unpacked(text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  }

  if (typeof DecompressionStream === "undefined") {
    at("wrong").hidden = false;
    return;
  }
  const all = await unpacked(at("index").textContent);
  const { items, replies } = all;
  const COUNT = items.address.length;
  const RIGHT = all.kinds.indexOf("right");
  const [urls, packs] = ["fb-url", "fb-block"].map(name => root.getElementsByClassName(name));

  // --- The replies of each subject, and what filters ask of an item ---
  const first = new Int32Array(COUNT + 1); // of each item, its first reply
  items.replies.forEach((count, i) => { first[i + 1] = first[i] + count; });
  const of = all.subjects.map(() => new Int32Array(COUNT).fill(-1));
  for (let i = 0; i < COUNT; i++) for (let r = first[i]; r < first[i + 1]; r++) of[replies.subject[r]][i] = r;
  const tasks = all.levels.map(level => all.tasks.indexOf(level.split("/")[0]));
  const short = level => all.tasks.length > 1 ? level : level.slice(level.indexOf("/") + 1);
  const left = i => of[state.left][i];
  const right = i => state.right === "" ? -1 : of[state.right][i];
  const sides = () => state.right === "" ? [state.left] : [state.left, state.right];
  const isRight = r => replies.kind[r] === RIGHT;
  const length = i => all.length[items.address[i]];
  const drawn = i => `${all.decodings[items.decoding[i]]}${items.draw[i] ? ` ${items.draw[i] + 1}` : ""}`;
  const failed = r => replies.skill[r] < all.skills.length && `${all.skills[replies.skill[r]]}: ${all.reasons[replies.reason[r]]}`;

  /** The reply that filters ask about: of two the first that is not right. */
  function asked(i) {
    const [mine, other] = [left(i), right(i)];
    return other >= 0 && isRight(mine) && !isRight(other) ? other : mine;
  }

  function changed(i) {
    if (right(i) < 0) return "";
    const [mine, other] = [isRight(left(i)), isRight(right(i))];
    return mine ? (other ? "both" : "lost") : other ? "gained" : "neither";
  }

  const names = list => list.map((name, i) => [String(i), name]);
  // Of each filter the value of an item, and the values that there are with their words.
  const FILTERS = {
    kind: { of: i => replies.kind[asked(i)], values: [["failed", "not right"], ...names(all.kinds)], is: (v, w) => w === "failed" ? v !== RIGHT : String(v) === w },
    skill: { of: i => replies.skill[asked(i)], values: [...names(all.skills), [String(all.skills.length), "no step is wrong"]] },
    reason: { of: i => replies.reason[asked(i)], values: names(all.reasons).filter(([, name]) => name) },
    task: { of: i => tasks[items.level[i]], values: names(all.tasks.map(name => name.replaceAll("_", " "))) },
    level: { of: i => items.level[i], values: names(all.levels.map(short)) },
    format: { of: i => items.format[i], values: names(all.formats.map(format => format[1])) },
    decoding: { of: i => items.decoding[i], values: names(all.decodings) },
    template: { of: i => replies.template[asked(i)], values: [...new Set(replies.template)].map(name => [name, name]) },
    look: { of: i => replies.look[asked(i)], values: names(all.looks) },
    change: { of: changed, values: Object.entries(CHANGES), is: (v, w) => v === w || (w === "differ" && (v === "gained" || v === "lost")) },
  };
  const same = (v, w) => String(v) === w;
  const keys = Object.keys(FILTERS);

  // --- What is read of one item at a time, unpacked when it is asked for ---
  const blocks = new Map();
  const block = b => blocks.get(b) || blocks.set(b, unpacked(packs[b].textContent)).get(b);

  async function item(i) {
    const held = await block(Math.floor(i / all.block));
    const [sample, ...said] = held.items[i % all.block];
    return { sample: held.samples[sample], said: said.map(([prompt, parts]) => ({ prompt: held.prompts[prompt], parts })) };
  }

  async function words() {
    const found = [];
    for (let b = 0; b < packs.length; b++)
      for (const [, ...said] of (await block(b)).items)
        for (const [, parts] of said) found.push(parts.filter((_, p) => p % 2 === 0).join("").toLowerCase());
    return found;
  }

  // --- Sifting ---
  let shown = []; // items that pass, in order
  let lowered; // of each reply its words in small letters; made at the first search

  function sift() {
    const counts = Object.fromEntries(keys.map(key => [key, new Map()]));
    const wanted = state.text.toLowerCase();
    const [low, high] = [state.min === "" ? -Infinity : +state.min, state.max === "" ? Infinity : +state.max];
    shown = [];
    for (let i = 0; i < COUNT; i++) {
      if (left(i) < 0 || length(i) < low || length(i) > high) continue;
      if (wanted && ![left(i), right(i)].some(r => r >= 0 && lowered[r].includes(wanted))) continue;
      const values = keys.map(key => FILTERS[key].of(i));
      const failing = keys.filter((key, k) => state[key] !== "" && !(FILTERS[key].is || same)(values[k], state[key]));
      // Beside a choice stands how many would be left: those that fail no other filter.
      keys.forEach((key, k) => {
        if (!failing.length || (failing.length === 1 && failing[0] === key)) counts[key].set(values[k], (counts[key].get(values[k]) || 0) + 1);
      });
      if (!failing.length) shown.push(i);
    }
    const tokens = i => replies.tokens[asked(i)] ?? -1;
    const by = { shortest: length, longest: i => -length(i), fewest: tokens, most: i => -tokens(i) }[state.sort];
    if (by) shown.sort((a, b) => by(a) - by(b) || a - b);
    return counts;
  }

  function choices(select, given, value) {
    select.replaceChildren(...given.map(([key, words]) => new Option(words, key)));
    select.value = value;
    select.title = select.selectedOptions[0]?.text ?? "";
  }

  function offer(counts) {
    for (const key of keys) {
      const { values, is = same } = FILTERS[key];
      const sum = test => [...counts[key]].reduce((total, [v, n]) => total + (test(v) ? n : 0), 0);
      const some = values.map(([w, words]) => [w, words, sum(v => is(v, w))]).filter(([w, , n]) => n || w === state[key]);
      const select = at(key);
      const any = ["", `any (${counted(sum(() => true))})`];
      choices(select, [any, ...some.map(([w, words, n]) => [w, `${words} (${counted(n)})`])], state[key]);
      select.classList.toggle("fb-set", state[key] !== START[key]);
      select.parentElement.hidden = state[key] === START[key] && values.length < 2;
    }
    at("change").parentElement.hidden = state.right === "";
    for (const key of ["min", "max", "text"]) {
      if (document.activeElement !== at(key)) at(key).value = state[key];
      at(key).classList.toggle("fb-set", state[key] !== "");
    }
    at("reset").hidden = ![...keys, "min", "max", "text"].some(key => state[key] !== START[key]);
    at("count").textContent = `${counted(shown.length)} of ${counted(COUNT)}`;
  }

  // --- The list: only rows that are seen are in the page ---
  const list = at("list");
  const spread = list.appendChild(made("div", ""));
  spread.setAttribute("role", "presentation");

  const name = i => [
    all.addresses[items.address[i]], all.formats[items.format[i]][0], drawn(i),
    replies.template[first[i]], all.looks[replies.look[first[i]]],
  ].join(" ");
  const chosen = () => shown.indexOf(current);
  const many = all.decodings.length > 1 || items.draw.some(Boolean);
  // Of addresses what tells them apart: split and seed are mostly the same for all.
  const ends = all.addresses.map(address => address.slice(address.indexOf("#")));
  const alike = new Set(ends.map(end => end.slice(0, end.lastIndexOf(":")))).size < 2;
  const tails = alike ? ends.map(end => `#${end.slice(end.lastIndexOf(":") + 1)}`) : ends;

  function row(place) {
    const i = shown[place];
    const it = made("div", "", "fb-row");
    Object.assign(it, { id: `fb-row-${place}`, role: "option", ariaSelected: i === current, ariaSetSize: shown.length, ariaPosInSet: place + 1, title: name(i) });
    it.style.top = `${place * ROW}px`;
    it.dataset.place = place;
    const kind = r => r < 0 ? "none" : all.kinds[replies.kind[r]];
    const above = it.appendChild(made("span", ""));
    above.append(made("small", tails[items.address[i]]), ...sides().map(s => made("i", "", "fb-dot", kind(of[s][i]))));
    above.append((!isRight(asked(i)) && failed(asked(i))) || kind(asked(i)));
    const told = [short(all.levels[items.level[i]]), all.formats[items.format[i]][1], many && drawn(i)];
    it.append(made("span", told.filter(Boolean).join(" · ")));
    return it;
  }

  function drawList() {
    spread.style.height = `${shown.length * ROW}px`;
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
    const to = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE);
    spread.replaceChildren(...Array.from({ length: Math.max(0, to - from) }, (_, k) => row(from + k)));
    if (!shown.length) spread.append(made("div", "Nothing passes these filters.", "fb-none"));
    const place = chosen();
    if (place >= from && place < to) list.setAttribute("aria-activedescendant", `fb-row-${place}`);
    else list.removeAttribute("aria-activedescendant");
  }

  function reveal(place) {
    list.scrollTop = Math.max(Math.min(list.scrollTop, place * ROW), (place + 1) * ROW - list.clientHeight);
  }

  // --- The item ---
  let current = -1; // an item
  let turn = 0; // of showing: what comes late is dropped

  /** Parts of a reply as nodes, the words that were searched for marked. */
  function said(parts) {
    const nodes = [];
    for (let p = 0; p < parts.length; p += 2) {
      const [look, note, complaints] = all.styles[parts[p + 1]];
      const it = look ? made("span", "", look) : document.createDocumentFragment();
      it.append(...found(parts[p]));
      if (note) it.title = note;
      nodes.push(it, ...complaints.map(([how, why]) => made("span", ` ✗ ${why}`, "fb-why", how)));
    }
    return nodes;
  }

  function found(text) {
    const wanted = state.text.toLowerCase();
    const words = text.toLowerCase();
    if (!wanted || words.length !== text.length) return [text]; // letters whose small form is longer move what follows
    const nodes = [];
    let from = 0;
    for (let to; (to = words.indexOf(wanted, from)) >= 0; from = to + wanted.length)
      nodes.push(text.slice(from, to), made("mark", text.slice(to, to + wanted.length)));
    return [...nodes, text.slice(from)];
  }

  function told(subject, r, reply) {
    const it = made("section", "");
    const head = it.appendChild(made("h4", all.subjects[subject]));
    const kind = r < 0 ? "not asked" : all.kinds[replies.kind[r]];
    head.append(made("span", kind, "fb-badge", kind));
    if (r < 0) return it;
    const facts = [
      failed(r) && `first error ${failed(r)}`,
      replies.tokens[r] !== null && `${counted(replies.tokens[r])} tokens`,
      replies.finish[r] === "length" ? "cut for length" : "ended itself",
    ];
    it.append(made("p", facts.filter(Boolean).join(" · "), "fb-facts"));
    const body = it.appendChild(made("div", "", "fb-reply"));
    body.dir = "auto";
    body.append(...(reply.parts.length ? said(reply.parts) : [made("span", "It said nothing.", "fb-silent")]));
    return it;
  }

  function picture(i) {
    const address = all.addresses[items.address[i]];
    const looks = sides().filter(s => of[s][i] >= 0).map(s => [all.subjects[s], all.looks[replies.look[of[s][i]]]]);
    const theme = looks[0][1].split(" ").pop();
    const same = looks.every(([, look]) => look === looks[0][1]);
    // As who is read saw it; where that is not in the page, as anybody did.
    const mine = [left(i), right(i), ...of.map(r => r[i])].find(r => r >= 0 && replies.picture[r] >= 0);
    const src = mine === undefined ? "data:," : urls[replies.picture[mine]].textContent;
    Object.assign(at("picture"), { src, alt: `The picture of ${address}`, hidden: mine === undefined });
    at("lacks").hidden = mine !== undefined;
    const shown = same ? `shown in ${looks[0][1]}` : looks.map(([who, look]) => `${who} saw ${look}`).join("; ");
    at("caption").textContent = all.formats[items.format[i]][2] ? shown : "not shown: asked as text";
    at("command").textContent = `avrgym show '${address}'${theme === "paper" ? "" : ` --theme ${theme}`}`;
  }

  async function show() {
    const [mine, i, place] = [++turn, current, chosen()];
    at("previous").disabled = place <= 0;
    at("next").disabled = place < 0 || place + 1 >= shown.length;
    at("body").hidden = i < 0;
    root.dataset.shown = "";
    at("title").textContent = i < 0 ? "No item" : `${short(all.levels[items.level[i]])}, ${all.formats[items.format[i]][1]}`;
    at("asked").textContent = "";
    if (i < 0) return;
    at("item").classList.add("fb-stale");
    const { sample: [question, twin, answer], said: known } = await item(i);
    if (mine !== turn) return;
    const [r, copies] = [left(i), all.formats[items.format[i]][3]];
    const [measure, only] = all.lengths[tasks[items.level[i]]];
    at("asked").replaceChildren(made("code", all.addresses[items.address[i]]), ` · ${measure} ${length(i)} · ${drawn(i)} · template ${replies.template[r]}`);
    at("due").textContent = only || copies ? "Expected" : "Expected, or another that is right";
    Object.entries({ question, twin, answer: copies ? "the twin" : answer }).forEach(([key, words]) => { at(key).textContent = words; });
    at("prompt").replaceChildren(...known[r - first[i]].prompt.flatMap(([role, words, pictured]) => [
      made("p", pictured ? `${role}: the picture, then` : role, "fb-facts"), made("div", words, "fb-said"),
    ]));
    picture(i);
    at("replies").replaceChildren(...sides().map(s => told(s, of[s][i], known[of[s][i] - first[i]])));
    at("item").classList.remove("fb-stale");
    root.dataset.shown = name(i); // says that all of it is there
  }

  function go(place, scroll = true) {
    if (!shown.length) return;
    current = shown[Math.max(0, Math.min(shown.length - 1, place))];
    state.item = name(current);
    reveal(chosen());
    drawList();
    show();
    remember();
    // Beside the list the item starts where it is read from; under it, it stays where it is.
    if (scroll && at("item").getBoundingClientRect().top < 0) at("item").scrollIntoView({ behavior: "instant" });
  }

  // --- State and the address line ---
  const TAG = "failures";

  // A moment later: browsers refuse to have the address line changed at each key.
  const remember = delayed(() => {
    const kept = new URLSearchParams();
    for (const key of Object.keys(START)) {
      const value = key === "left" || key === "right" ? all.subjects[state[key]] ?? "" : state[key];
      const usual = key === "left" ? all.subjects[all.first] : START[key];
      // Names, not numbers: a link is right for the page of tomorrow too.
      if (value !== usual) kept.set(key, (FILTERS[key]?.values.find(([w]) => w === value) || ["", value])[1]);
    }
    history.replaceState(null, "", `#${TAG}&${kept}`);
  }, 120);

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(TAG.length + 1));
    for (const key of Object.keys(START)) {
      const given = kept.get(key);
      if (key === "left" || key === "right") {
        const subject = all.subjects.indexOf(given);
        state[key] = subject >= 0 ? subject : key === "left" ? all.first : "";
      } else if (given === null || (key === "sort" && !(given in SORTS))) state[key] = START[key];
      else if (given && key in FILTERS) state[key] = (FILTERS[key].values.find(([, w]) => w === given) || [START[key]])[0];
      else state[key] = given;
    }
  }

  const called = () => location.hash.startsWith(`#${TAG}&`);

  async function refresh() {
    if (state.right === state.left) state.right = "";
    if (state.right === "") state.change = "";
    choices(at("left"), names(all.subjects), String(state.left));
    choices(at("right"), [["", "nobody"], ...names(all.subjects).filter(([s]) => +s !== state.left)], String(state.right));
    at("right").parentElement.hidden = all.subjects.length < 2;
    choices(at("sort"), Object.entries(SORTS), state.sort);
    if (state.text && !lowered) {
      at("count").textContent = "searching …";
      lowered = await words();
    }
    offer(sift());
    const kept = shown.findIndex(i => name(i) === state.item);
    list.scrollTop = 0;
    current = shown[Math.max(0, kept)] ?? -1;
    if (current >= 0) reveal(chosen());
    drawList();
    await show();
    root.dataset.count = shown.length;
  }

  function change(what) {
    Object.assign(state, what);
    remember();
    return refresh();
  }

  // --- Hands ---
  for (const key of [...keys, "sort", "min", "max"]) at(key).addEventListener("change", () => change({ [key]: at(key).value }));
  for (const key of ["left", "right"]) at(key).addEventListener("change", () => change({ [key]: at(key).value && +at(key).value }));
  at("text").addEventListener("input", delayed(() => change({ text: at("text").value }), 200));
  at("form").addEventListener("submit", event => event.preventDefault());
  at("reset").addEventListener("click", () => change({ ...START, left: state.left, right: state.right, sort: state.sort, item: state.item }));
  for (const [key, step] of [["previous", -1], ["next", 1]]) at(key).addEventListener("click", () => go(chosen() + step));
  at("keys").addEventListener("click", () => at("help").showModal());
  list.addEventListener("click", event => go(+(event.target.closest(".fb-row")?.dataset.place ?? chosen()), false));
  list.addEventListener("scroll", () => requestAnimationFrame(drawList));
  addEventListener("resize", drawList);
  addEventListener("hashchange", () => { if (called()) { recall(); refresh(); } });

  document.addEventListener("keydown", event => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || at("help").open) return;
    if (typing && event.key === "Escape") list.focus();
    // A key that is pressed nowhere in particular is meant for what is in sight.
    const { top, bottom } = at("item").getBoundingClientRect();
    if (typing || !(root.contains(event.target) || (event.target === document.body && top < innerHeight && bottom > 0))) return;
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const steps = { j: 1, k: -1 };
    if (event.target === list) Object.assign(steps, { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -COUNT, End: COUNT });
    if (event.key in steps) go(chosen() + steps[event.key]);
    else if (event.key === "/") at("text").focus();
    else if (event.key === "?") at("help").showModal();
    else if (event.key === "x" && state.right !== "") change({ left: state.right, right: state.left });
    else return;
    event.preventDefault();
  });

  at("more").open = innerWidth > 860;
  for (const key of ["min", "max"]) at(key).placeholder = all.length.reduce((a, b) => Math[key](a, b));
  document.getElementById("fb").hidden = false;
  recall();
  await refresh();
  if (called()) root.scrollIntoView({ behavior: "instant" });
})();
