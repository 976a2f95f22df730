/* The panel on the page: reads what is shown, runs the checks, writes what came of them.
 *
 * Everything is written as text, never as markup.  Without scripts the panel shows the command.
 */
"use strict";

(function (lib) {
  const WORDS = { holds: "Holds", fails: "Does NOT hold", unknown: "Cannot be told" };
  const MARKS = { holds: "\u2713", fails: "\u2717", unknown: "?" };

  function block(id) {
    const found = document.getElementById(id);
    return found ? JSON.parse(found.textContent) : null;
  }

  /* ---- what the page shows ------------------------------------------------------------------- */

  /* All elements that name what they show: `data-shown="title"`, `"state"`, `"c1 tick"` ... */
  function readShown() {
    return Array.from(document.querySelectorAll("[data-shown]"), (element) => [
      element.dataset.shown,
      element.textContent.replace(/\s+/g, " ").trim(),
    ]);
  }

  function tickFits(text, check) {
    return (check.passed ? /^\u2713 (?:Marked )?verified\b/i : /^\u2717 (?:Marked )?not verified\b/i)
      .test(text);
  }

  function otherFits(text, check) {
    if (check === null) return text === "not tested";
    return (check.passed ? /^(?:yes|\u2713 corroborated\b.*)$/i : /^(?:no|\u2717 not corroborated\b.*)$/i)
      .test(text);
  }

  /* All nine decimals of both tests, or the figure as an imported document states it. */
  function exactValues({ verification, corroboration }) {
    const tests = [verification, corroboration].filter((one) => one !== null);
    return [...new Set(tests.map((one) => one.value ?? `${one.display} (as stated)`))].join(", ");
  }

  const UNTIERED = ["RETRACTED", "WITHDRAWN", "REMOVED"];

  function headlineFits(text, { gate, claims }) {
    if (gate.status === "UNVERIFIED") return text.startsWith("Unverified");
    return text.startsWith(`Gate 2 ${gate.status.toLowerCase()} ${gate.claims.length} of ${claims.length} `);
  }

  /* The head of the page and its facts. */
  function dueOfStanding(record) {
    const { claims, gate, assessment, standing } = record;
    const passed = claims.filter((claim) => claim.verification.passed).length;
    const untiered = UNTIERED.includes(standing.record_state) || gate.status === "FALSIFIED";
    const tier = untiered ? "NOT_TIERED" : assessment.tier.tier;
    return [
      ["headline", (text) => headlineFits(text, record)],
      ["gate", (text) => text.toUpperCase() === gate.status],
      ["level", (text) => text.startsWith(`L${assessment.level.paper_level}, `)],
      ["tier", (text) => text.toUpperCase().replaceAll(" ", "_") === tier],
      ["ticks", (text) => text.replace(/^declared: /, "") === `${passed} of ${claims.length} claims`],
    ];
  }

  const ROLES = ["SKEPTIC", "VALIDATOR", "SYNTHESIZER"];
  const scoreOf = (opinions, role, none) => opinions.find((one) => one.role === role)?.score ?? none;

  /* The roles asked again, and what they did with a planted instruction: key -> text. */
  function* trialsShown({ rounds, retest, probe }) {
    if (retest) {
      const before = rounds[rounds.length - 1].opinions;
      const moves = retest.opinions.map(({ role, score }) =>
        `${role} ${scoreOf(before, role, "none")} \u2192 ${score}`);
      yield ["retest", moves.join(", ") || "no valid opinion"];
    }
    if (probe) {
      const told = probe.map(({ role, outcome }) => `${role} ${outcome}`).join(", ");
      yield ["probe", probe.every((one) => one.outcome === "resisted") ? "resisted by all roles" : told];
    }
  }

  /* The score and who gave it, the roles round by round, and the control: key -> text. */
  function* reviewShown(review) {
    const { rounds, score, verdict, control = [] } = review;
    const models = rounds.some((round) => round.opinions.some((one) => one.method === "language model"));
    yield ["score", score === null ? "No score" : `${score} of 10${models ? ", by language models" : ""}`];
    yield ["verdict", verdict];
    for (const [number, round] of rounds.entries()) {
      for (const role of ROLES) yield [`round-${number} ${role}`, scoreOf(round.opinions, role, "no valid opinion")];
      yield [`round-${number} mean`, round.score ?? "none"];
      yield [`round-${number} verdict`, round.verdict];
    }
    for (const [number, round] of control.entries()) yield [`round-${number} control`, round.score ?? "none"];
    for (const last of control.slice(-1)) {
      const scores = last.opinions.map((one) => `${one.role} ${one.score}`).join(", ");
      yield ["control", `${last.score ?? "none"} of 10, ${last.verdict}: ${scores}`.trim()];
    }
    yield* trialsShown(review);
  }

  /* An attempt at Gate 2 and its numbers. */
  function dueOfAttempt({ entry, status, metrics }) {
    const name = (one) => `entry-${entry} ${one.name.replaceAll("_", " ")}`;
    return [
      [`entry-${entry} status`, (text) => text.toUpperCase() === status],
      ...metrics.flatMap((one) => ["expected", "observed", "control"].map((key) =>
        [`${name(one)} ${key}`, (text) => text === (one[key] ?? "none")])),
    ];
  }

  /* What may be left out; a bundle's own page shows no more than the gate. */
  const MAY_LACK = / exact$|^(?:tier|headline|level|ticks|score|verdict|control|retest|probe)$|^(?:entry|round)-/;

  /* What a page shows of a record: key -> whether a text is right. */
  function dueShown(record) {
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    const state = record.standing.record_state.replaceAll("_", " ").toLowerCase();
    const due = new Map([
      ["title", (text) => text === plain(record.work.title)],
      ["state", (text) => text.toLowerCase() === state],
      ...dueOfStanding(record),
      ...[...reviewShown(record.review)].map(([key, due]) => [key, (text) => text === due]),
      ...(record.gate.verdicts ?? []).flatMap(dueOfAttempt),
    ]);
    for (const claim of record.claims) {
      due.set(`${claim.id} text`, (text) => text === plain(claim.text));
      due.set(`${claim.id} value`, (text) => text === claim.verification.display);
      due.set(`${claim.id} tick`, (text) => tickFits(text, claim.verification));
      due.set(`${claim.id} exact`, (text) => text === exactValues(claim));
      due.set(`${claim.id} other`, (text) => otherFits(text, claim.corroboration));
    }
    return due;
  }

  function shownFaults(shown, record) {
    const due = dueShown(record);
    const seen = new Set(shown.map(([key]) => key));
    const wrong = shown.filter(([key, text]) => !due.get(key)?.(text));
    return [
      ...wrong.map(([key, text]) => `shows “${text.slice(0, 80)}” as ${key}, which the record does not`),
      ...[...due.keys()].filter((key) => !seen.has(key) && !MAY_LACK.test(key)).map((key) => `does not show ${key}`),
    ];
  }

  /* ---- the panel ------------------------------------------------------------------------------ */

  function element(name, text, options = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    return Object.assign(made, options);
  }

  function lineOf({ title, outcome, what }) {
    const item = element("li", "", { className: outcome });
    const mark = element("span", `${MARKS[outcome]} `);
    mark.setAttribute("aria-hidden", "true");
    item.append(element("strong", `${title}. `), mark, element("b", WORDS[outcome]), `: ${what}`);
    return item;
  }

  function summary(lines, meter) {
    const count = (outcome) => lines.filter((line) => line.outcome === outcome).length;
    const [holds, fails, unknown] = ["holds", "fails", "unknown"].map(count);
    const verdict = fails
      ? `${fails} of ${lines.length} checks ${fails === 1 ? "does" : "do"} NOT hold: do not rely on this copy.`
      : `${holds} of ${lines.length} checks hold, none fails.`;
    const open = unknown ? ` ${unknown} cannot be told.` : "";
    return `${verdict}${open} Read: ${meter}.`;
  }

  async function check(panel) {
    const data = block("verify-data");
    const files = block("record-files");
    const meter = new lib.Meter();
    const find = files ? lib.embedded(files, meter) : lib.published(data, meter);
    const list = panel.querySelector("[data-verify=lines]");
    const status = panel.querySelector("[data-verify=status]");
    list.replaceChildren();
    if (!globalThis.crypto?.subtle) {
      status.textContent = "Cannot be told: this browser has no WebCrypto here (it asks for https). " +
        "Run the command instead.";
      return;
    }
    status.textContent = "Checking …";
    const checks = new lib.RecordCheck(data, find, readShown());
    const lines = await checks.run((line) => list.append(lineOf(line)));
    status.textContent = summary(lines, meter);
  }

  /* Where this script is from; the others stand beside it. */
  const HERE = document.currentScript?.src || document.baseURI;

  /* The other scripts come when they are asked for, in order; a page that holds them names none. */
  async function loadScripts(panel) {
    const names = (panel.dataset.scripts ?? "").split(" ").filter(Boolean);
    await Promise.all(names.map((name) => new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.async = false;
      script.src = new URL(name, HERE);
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => reject(new Error("a script could not be loaded")));
      document.head.append(script);
    })));
    panel.removeAttribute("data-scripts");
  }

  function start() {
    const panel = document.getElementById("verify-record");
    if (!panel) return;
    const button = panel.querySelector("[data-verify=start]");
    let running = false;
    button.addEventListener("click", async () => {
      if (running) return;
      running = true;
      panel.setAttribute("aria-busy", "true");
      try {
        await loadScripts(panel);
        await check(panel);
      } catch (error) {
        panel.querySelector("[data-verify=status]").textContent =
          `Cannot be told: the check itself failed (${error.message}). Run the command instead.`;
      } finally {
        running = false;
        panel.removeAttribute("aria-busy");
      }
    });
    button.hidden = false;
  }

  Object.assign(lib, { shownFaults });
  // Where these scripts are tested there is no page.
  if (globalThis.document) start();
})((globalThis.registryCheck ??= {}));
