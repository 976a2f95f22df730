/* Signed notes (C2SP signed-note, Ed25519) and the statements about the log's keys (log-keys-v1). */
"use strict";

(function (lib) {
  const { Unknown, need } = lib;

  /* `name+id+base64(1 || key)`; the id is four bytes of a digest, a hint and no proof. */
  async function parseKey(text, where) {
    const [name, id, encoded, ...more] = text.split("+");
    // Base64 may hold plus signs itself.
    const data = lib.fromBase64([encoded, ...more].join("+"));
    need(data?.length === 33 && data[0] === 1, where, "holds no Ed25519 key of a signed note");
    const due = (await lib.digest(lib.join(lib.toBytes(`${name}\n`), data))).slice(0, 8);
    need(due === id, where, "holds a key whose id is another one's");
    return { text, name, id, bytes: data.slice(1) };
  }

  async function signedBy(key, text, signature) {
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, [
        "verify",
      ]);
    } catch (error) {
      if (error.name === "NotSupportedError") {
        throw new Unknown("this browser cannot check Ed25519 signatures");
      }
      return false; // bytes that are no point of the curve
    }
    return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, lib.toBytes(text));
  }

  function parseSignature(line, where) {
    const found = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    const data = found && lib.fromBase64(found[2]);
    need(data?.length > 4, where, "has a signature line that is malformed");
    return { name: found[1], id: lib.hex(data.slice(0, 4)), signature: data.slice(4) };
  }

  /* Take a note apart; nothing is verified by that. */
  function parseNote(bytes, where) {
    const whole = lib.toText(bytes, where);
    const gap = whole.lastIndexOf("\n\n");
    need(gap >= 0 && whole.endsWith("\n") && gap + 2 < whole.length, where,
      "is no signed note, or was cut");
    const lines = whole.slice(gap + 2, -1).split("\n");
    need(lines.length <= 100, where, `has ${lines.length} signatures`);
    return { text: whole.slice(0, gap + 1), signatures: lines.map((one) => parseSignature(one, where)) };
  }

  /* The keys of a list that signed a note; at least one, and every signature by them is right. */
  async function signersOf(note, keys, where) {
    const signers = [];
    for (const one of note.signatures) {
      const key = keys.find((known) => known.name === one.name && known.id === one.id);
      if (!key) continue;
      const right = await signedBy(key, note.text, one.signature);
      need(right, where, `the signature of ${one.name}+${one.id} is wrong`);
      signers.push(key);
    }
    const names = note.signatures.map((one) => `${one.name}+${one.id}`).join(", ");
    need(signers.length, where, `is not signed by a key that the log names (signed by ${names})`);
    return signers;
  }

  /* Follow every statement about keys; each names the digest of the one before it. */
  async function followKeys(file, where) {
    need(file.contract === "log-keys-v1" && Array.isArray(file.statements), where, "is no log-keys-v1");
    const ring = [];
    let previous = null;
    for (const [at, statement] of file.statements.entries()) {
      const place = `${where}, statement ${at + 1}`;
      const follows = statement.sequence === at + 1 && statement.previous === previous;
      need(follows, place, "does not follow the statement before it");
      await follow(ring, statement, file.origin, place);
      previous = await lib.contentDigest(statement);
    }
    return ring;
  }

  async function follow(ring, statement, origin, where) {
    const key = await parseKey(statement.key, where);
    need(key.name === origin, where, `the key is of ${key.name}`);
    const known = ring.find((one) => one.text === key.text);
    const bare = lib.canonical({ ...statement, signatures: [] });
    const signers = [];
    for (const line of statement.signatures) {
      const one = parseSignature(line, where);
      const signer = [key, ...ring].find((each) => each.name === one.name && each.id === one.id);
      need(signer, where, `is signed by ${one.name}+${one.id}, an unknown key`);
      const text = `sovereign-registry log-keys-v1\n${bare}\n`;
      const right = await signedBy(signer, text, one.signature);
      need(right, where, `the signature of ${one.name}+${one.id} is wrong`);
      signers.push(signer.text);
    }
    if (statement.event === "compromised") {
      need(known && known.state !== "compromised" && statement.replaces === null, where,
        "the key was never stated, or is known as compromised already");
      known.state = "compromised";
      known.until = Math.min(known.until, statement.log_size);
      return;
    }
    const active = ring.find((one) => one.state === "active");
    const due = statement.event === "rotated" ? active?.text : null;
    const fits = statement.event === "new" ? !active : statement.event === "rotated" && active;
    need(!known && fits && statement.replaces === due, where,
      "a new key needs that no other is active, a rotation the one that is");
    need(signers.includes(key.text), where, "the key did not sign it");
    if (active) {
      need(signers.includes(active.text), where, "the old key did not sign it");
      active.state = "rotated";
      active.until = statement.log_size;
    }
    ring.push({ ...key, state: "active", until: Infinity });
  }

  /* The keys whose signature on a checkpoint of this size proves something by itself. */
  function trustedKeys(ring, size) {
    return ring.filter((key) => key.state !== "compromised" && size <= key.until);
  }

  Object.assign(lib, { parseKey, parseNote, signersOf, followKeys, trustedKeys });
})((globalThis.registryCheck ??= {}));
