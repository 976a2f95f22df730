/* Bytes, digests, and the two ways in which a check ends early.
 *
 * These scripts check one record in a reader's browser.  They are plain scripts without a build
 * step; a page loads `panel`, and that the others once they are needed.  Read them in the order bytes, canonical, log, keys, claims, record, files, panel.  Nothing is
 * fetched from another site, and nothing read from a file is ever used as markup or code.
 */
"use strict";

(function (lib) {
  /* Something is not what it must be: which file, and what was found. */
  class Fault extends Error {
    constructor(where, what) {
      super(`${where}: ${what}`);
      this.where = where;
    }
  }

  /* Something can be neither passed nor failed. */
  class Unknown extends Error {}

  function need(holds, where, what) {
    if (!holds) throw new Fault(where, what);
  }

  const encoder = new TextEncoder();
  // ignoreBOM: a byte order mark is a character of the file like any other, and digests see it.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  function toBytes(text) {
    return encoder.encode(text);
  }

  function toText(bytes, where) {
    try {
      return decoder.decode(bytes);
    } catch {
      throw new Fault(where, "is not UTF-8");
    }
  }

  function hex(bytes) {
    return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  }

  function fromHex(text) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  }

  /* Base64 in its one canonical spelling; null for anything else. */
  function fromBase64(text) {
    try {
      const raw = atob(text);
      return btoa(raw) === text ? Uint8Array.from(raw, (one) => one.charCodeAt(0)) : null;
    } catch {
      return null;
    }
  }

  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  function same(one, other) {
    return one.length === other.length && one.every((byte, at) => byte === other[at]);
  }

  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  async function digest(bytes) {
    return hex(await sha256(bytes));
  }

  Object.assign(lib, {
    Fault, Unknown, need, toBytes, toText, hex, fromHex, fromBase64, join, same, sha256, digest,
  });
})((globalThis.registryCheck ??= {}));
