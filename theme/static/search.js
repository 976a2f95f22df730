// Search by words over the ready-made index of this site (format search-index-v1).
//
// It asks this site alone, for the pieces that hold the typed words.  Nothing that was typed or
// loaded is ever read as markup: every text goes into the page as text.  What a word is, and how it
// is folded, is the same as in the index: contracts/search_words.py; its tables come with the index.
"use strict";

const FORMAT = "search-index-v1";
const PAGE = 10; // hits shown at once
const SHORTEST_START = 3; // letters from which the last word may be the beginning of others
const WAIT = 120; // milliseconds without typing before a query is run
const IN_NAME = 3; // weight of a word in title, question or id; one in a claim weighs 1
const ONLY_START = 0.5; // weight of a word of which only the beginning was typed

// ---------------------------------------------------------------- words

/** The text in the letters that words are compared in; `folds` holds what NFKD leaves whole. */
function fold(text, folds) {
  const plain = text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  return Array.from(plain, (one) => (Object.hasOwn(folds, one) ? folds[one] : one)).join("");
}

/** The words of a text in their order, as the index has them. */
function wordsOf(text, head) {
  const stop = new Set(head.stop);
  return (fold(text, head.folds).match(/[\p{L}\p{N}]+/gu) || [])
    .map((word) => Array.from(word).slice(0, head.longest).join(""))
    .filter((word) => Array.from(word).length > 1 && !stop.has(word));
}

/** The file that holds the words with a beginning. */
function fileOf(start) {
  // eslint-disable-next-line no-control-regex
  if (!/^[\x00-\x7f]*$/.test(start)) {
    return `x-${Array.from(start, (one) => one.codePointAt(0).toString(16)).join("-")}.json`;
  }
  return start === "all" ? "x-all.json" : `${start || "all"}.json`;
}

/** The beginnings whose files can hold a word, or, for a beginning, words that go on from it. */
function startsFor(word, open, starts) {
  return starts.filter((one) => word.startsWith(one) || (open && one.startsWith(word)));
}

// ---------------------------------------------------------------- ranking

/** The places of a word as they are stored: each as the difference from the one before. */
function placesOf(steps) {
  let at = 0;
  return steps.map((step) => (at += step));
}

/** Record -> weight of one typed word in it, by the files that can hold it. */
function weighed({ word, open }, tables, records) {
  const found = new Map();
  for (const table of tables) {
    for (const [term, steps] of Object.entries(table)) {
      if (term !== word && !(open && term.startsWith(word))) continue;
      for (const at of placesOf(steps)) {
        const weight = (at & 1 ? IN_NAME : 1) * (term === word ? 1 : ONLY_START);
        found.set(at >> 1, Math.max(found.get(at >> 1) || 0, weight));
      }
    }
  }
  const rarity = Math.log(1 + records / found.size);
  for (const [record, weight] of found) found.set(record, weight * rarity);
  return found;
}

/** The records that hold every word, best first; `tables` holds the files of each word. */
function ranked(query, tables, head) {
  const [first = new Map(), ...others] = query.map((one, place) =>
    weighed(one, tables[place], head.records),
  );
  const undone = new Set(head.undone);
  return [...first]
    .filter(([record]) => others.every((found) => found.has(record)))
    .map(([record, weight]) => [record, others.reduce((sum, one) => sum + one.get(record), weight)])
    .sort(([a, x], [b, y]) => Number(undone.has(a)) - Number(undone.has(b)) || y - x || b - a)
    .map(([record]) => record);
}

/** The words of a query; the last one may be a beginning unless a space follows it. */
function parsed(text, head) {
  const found = wordsOf(text, head);
  const going = /[\p{L}\p{N}\p{M}]$/u.test(text);
  return [...new Set(found)].map((word) => ({
    word,
    open: going && word === found[found.length - 1] && Array.from(word).length >= SHORTEST_START,
  }));
}

// ---------------------------------------------------------------- the page

const kept = new Map();

/** A file of the index, asked for once; asked again from the host only where it has changed. */
function load(path) {
  if (!kept.has(path)) {
    const asked = fetch(path, { cache: "no-cache", credentials: "omit" }).then((reply) => {
      if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
      return reply.json();
    });
    asked.catch(() => kept.delete(path));
    kept.set(path, asked);
  }
  return kept.get(path);
}

async function loadHead() {
  const head = await load("index.json");
  if (head.format !== FORMAT) throw new Error(`index.json: ${head.format}`);
  return head;
}

/** The numbers of the records that a text finds, best first. */
async function find(text) {
  const head = await loadHead();
  const query = parsed(text, head);
  const tables = await Promise.all(
    query.map(({ word, open }) =>
      Promise.all(
        startsFor(word, open, head.starts).map((one) =>
          load(`terms/${encodeURIComponent(fileOf(one))}`),
        ),
      ),
    ),
  );
  return { query, records: ranked(query, tables, head), head };
}

function element(name, content, kind) {
  const made = document.createElement(name);
  made.textContent = content;
  if (kind) made.className = kind;
  return made;
}

/** One hit as lists show a record: title, state, and the line of facts. */
function shown(hit, told, root) {
  const [id, title, published, state, gate, level, passed, claims, score] = hit;
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${root}records/${encodeURIComponent(id)}/`;
  link.append(element("bdi", title));
  item.append(link);
  if (told.state[state]) {
    item.append(" ", element("span", told.state[state], `tag ${told.tone[state]}`));
  }
  const review = score === null ? "no score" : `review ${score} of 10`;
  item.append(
    element(
      "p",
      `${published} · Gate 2: ${told.gate[gate]} · Level ${level} of 7 · ` +
        `lexical test ${passed} of ${claims} · ${review} · ${id}`,
      "facts-line",
    ),
  );
  return item;
}

function start() {
  const input = document.getElementById("q");
  const list = document.getElementById("hits");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const told = JSON.parse(document.getElementById("search-words").textContent);
  const root = list.dataset.root;
  let run = 0; // the newest query; what an older one brings is dropped
  let timer = 0;
  let found = [];

  async function showMore(mine) {
    const from = list.children.length;
    const head = await loadHead();
    const wanted = found.slice(from, from + PAGE);
    const blocks = await Promise.all(
      wanted.map((record) => load(`records/${Math.floor(record / head.block)}.json`)),
    );
    if (mine !== run) return;
    blocks.forEach((block, place) => {
      list.append(shown(block[wanted[place] % head.block], told, root));
    });
    more.hidden = list.children.length >= found.length;
  }

  async function search() {
    const mine = (run += 1);
    const text = input.value;
    try {
      const { query, records, head } = await find(text);
      if (mine !== run) return;
      list.replaceChildren();
      more.hidden = true;
      found = query.length ? records : [];
      if (!query.length) {
        count.textContent = text.trim()
          ? "Nothing to search for yet: one letter, or a word that nearly every record holds."
          : "";
        return;
      }
      await showMore(mine);
      if (mine !== run) return;
      const number = found.length.toLocaleString("en");
      count.textContent = found.length
        ? `${number} of ${head.records.toLocaleString("en")} records.`
        : "No record holds all of these words.";
    } catch (error) {
      if (mine !== run) return;
      list.replaceChildren();
      more.hidden = true;
      count.textContent =
        "The index cannot be loaded. It needs the site's web server; try again, or browse.";
      console.info(String(error));
    }
  }

  function remember() {
    const here = new URL(window.location.href);
    if (input.value) here.searchParams.set("q", input.value);
    else here.searchParams.delete("q");
    window.history.replaceState(null, "", here);
  }

  function ask() {
    remember();
    return search();
  }

  function fromAddress() {
    input.value = new URL(window.location.href).searchParams.get("q") || "";
    if (input.value) search();
  }

  input.addEventListener("focus", () => loadHead().catch(() => {}), { once: true });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    ask();
  });
  more.addEventListener("click", async () => {
    const next = list.children.length;
    await showMore(run);
    list.children[next]?.querySelector("a").focus();
  });
  // Arrow keys lead from the box into the hits and back; Tab does so, too.
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.altKey || event.ctrlKey) return;
    const links = [...list.querySelectorAll(":scope > li > a")];
    const at = links.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== input) return;
    const to = event.key === "ArrowDown" ? at + 1 : at - 1;
    const next = to < 0 ? input : links[to];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
  window.addEventListener("popstate", fromAddress);
  fromAddress();
}

if (typeof document !== "undefined" && document.getElementById("search-words")) start();
