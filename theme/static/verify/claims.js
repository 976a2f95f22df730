/* Every claim's cosine again, from the published counts (lexical-evidence-v1, rules lexical-v1). */
"use strict";

(function (lib) {
  // Two right implementations may differ by one unit in the ninth decimal.
  const TOLERANCE = 2;

  /* Words and word pairs of a text with their counts: lower case, words of two or more letters,
   * digits or underscores; a pair is two words in a row. */
  function terms(text) {
    const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
    const found = new Map();
    words.forEach((word, at) => {
      const pair = at > 0 ? [`${words[at - 1]} ${word}`] : [];
      for (const term of [word, ...pair]) found.set(term, (found.get(term) ?? 0) + 1);
    });
    return found;
  }

  /* Nine decimals, half-even.  `toFixed` rounds the exact value and lifts a tie; a tie is possible
   * only for multiples of 1/1024, whose ten decimals are exact. */
  function quantise(value) {
    const ten = value.toFixed(10);
    const tie = Number.isInteger(value * 1024) && ten.endsWith("5");
    if (tie && Number(ten.at(-2)) % 2 === 0) return ten.slice(0, -1);
    return value.toFixed(9);
  }

  function cosine(counts, others, df, passages) {
    const weigh = (terms) => new Map(
      Object.entries(terms)
        .filter(([term]) => Object.hasOwn(df, term))
        .map(([term, count]) => [term, count * (Math.log((1 + passages) / (1 + df[term])) + 1)]),
    );
    const left = weigh(counts);
    const right = weigh(others);
    const square = (weights) => Math.sqrt([...weights.values()].reduce((sum, one) => sum + one * one, 0));
    const norm = square(left) * square(right);
    let dot = 0;
    for (const [term, weight] of left) dot += weight * (right.get(term) ?? 0);
    return quantise(norm ? dot / norm : 0);
  }

  /* A decimal string in units of its ninth decimal. */
  function units(decimal) {
    const found = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(decimal ?? "");
    if (!found) return NaN;
    const size = Number(found[2]) * 1e9 + Number((found[3] ?? "").padEnd(9, "0"));
    return found[1] ? -size : size;
  }

  function sameCounts(counts, text) {
    const due = terms(text);
    const keys = Object.keys(counts);
    return keys.length === due.size && keys.every((term) => counts[term] === due.get(term));
  }

  async function textDigest(text) {
    return lib.digest(lib.toBytes(text));
  }

  /* What is wrong with one test of one claim; empty where it is in order. */
  async function matchFaults(check, match, claim, evidence) {
    if (check.value === null) return ["has no published value"];
    const faults = [];
    const value = units(check.value);
    if (check.passed !== value >= units(check.threshold)) {
      const word = check.passed ? "passed" : "not passed";
      faults.push(`is marked ${word} with ${check.value} against ${check.threshold}`);
    }
    if (units(check.margin) !== value - units(check.threshold)) {
      faults.push(`margin ${check.margin} is not ${check.value} less ${check.threshold}`);
    }
    if (match === null) {
      if (check.best !== null || value !== 0) faults.push("the evidence holds no match for it");
      return faults;
    }
    if (match.value !== check.value) {
      faults.push(`the evidence states ${match.value} where the record states ${check.value}`);
    }
    const { locator } = match;
    if (check.best === null || lib.difference(check.best.locator, locator) !== null) {
      faults.push("record and evidence name different passages");
    } else if (
      (await textDigest(check.best.quotation)) === locator.sha256 &&
      !sameCounts(match.counts, check.best.quotation)
    ) {
      faults.push("the evidence's counts are not those of the quoted passage");
    }
    const known = evidence.index.some((one) =>
      ["paper", "section", "start", "end", "sha256"].every((key) => one[key] === locator[key]));
    if (!known) faults.push("the passage is not among those that were compared with");
    const again = cosine(claim.counts, match.counts, evidence.df, evidence.passages);
    if (!(Math.abs(units(again) - value) <= TOLERANCE)) {
      faults.push(`recomputed ${again} where ${check.value} is published`);
    }
    return faults;
  }

  async function claimFaults(claim, found, evidence) {
    const faults = [];
    const digest = await textDigest(claim.text);
    if (claim.sha256 !== digest || found.sha256 !== digest) {
      faults.push("its text has another digest than record and evidence state");
    }
    if (!sameCounts(found.counts, claim.text)) {
      faults.push("the evidence's counts are not those of its text");
    }
    for (const test of ["verification", "corroboration"]) {
      if (claim[test] !== null) {
        const said = await matchFaults(claim[test], found[test], found, evidence);
        faults.push(...said.map((one) => `${test} ${one}`));
      } else if (found[test] !== null) {
        faults.push(`${test}: the evidence holds a match that the record does not`);
      }
    }
    return faults;
  }

  /* Every claim of a manifest as published; the lines that say what does not follow. */
  async function recomputeClaims(manifest, evidence) {
    if (evidence.record !== manifest.id) return [`it belongs to ${evidence.record}`];
    const faults = [];
    if (evidence.passages !== evidence.index.length) {
      faults.push(`passages is ${evidence.passages}, and ${evidence.index.length} are listed`);
    }
    const byId = new Map(evidence.claims.map((found) => [found.id, found]));
    const computed = manifest.claims.filter((claim) => claim.origin === "computed");
    if (byId.size !== evidence.claims.length || computed.length !== byId.size) {
      faults.push(`it holds ${evidence.claims.length} claims, the record ${computed.length}`);
    }
    for (const claim of computed) {
      const found = byId.get(claim.id);
      const said = found ? await claimFaults(claim, found, evidence) : ["the evidence lacks it"];
      faults.push(...said.map((one) => `${claim.id} ${one}`));
    }
    return faults;
  }

  Object.assign(lib, { terms, quantise, cosine, recomputeClaims });
})((globalThis.registryCheck ??= {}));
