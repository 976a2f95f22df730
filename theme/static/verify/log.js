/* The transparency log: Merkle trees (RFC 6962, RFC 9162) read through tiles (C2SP tlog-tiles).
 *
 * Sizes go up to 2**53, so that halves are counted with / and not with bit operators.
 */
"use strict";

(function (lib) {
  const { need } = lib;
  const WIDTH = 256;
  const HASH = 32;

  function leafHash(entry) {
    return lib.sha256(lib.join(Uint8Array.of(0), entry));
  }

  function nodeHash(left, right) {
    return lib.sha256(lib.join(Uint8Array.of(1), left, right));
  }

  /* The largest power of two below a count of at least 2. */
  function split(count) {
    let half = 1;
    while (half * 2 < count) half *= 2;
    return half;
  }

  /* `tile/L/N[.p/W]`; the number N in groups of three digits. */
  function tilePath(level, index, width) {
    const groups = [String(index % 1000).padStart(3, "0")];
    for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
      groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
    }
    return `tile/${level}/${groups.join("/")}${width === WIDTH ? "" : `.p/${width}`}`;
  }

  /* Roots of complete subtrees of a tree of this size, each tile read once.  Nothing read here is
   * trusted: it is as good as the signed root that it leads to. */
  function tileHashes(read, size) {
    const tiles = new Map();
    function tile(tier, number) {
      const width = Math.min(WIDTH, Math.floor(size / WIDTH ** tier) - number * WIDTH);
      const path = tilePath(tier, number, width);
      if (!tiles.has(path)) tiles.set(path, load(path, width));
      return tiles.get(path);
    }
    async function load(path, width) {
      const { bytes, where } = await read(path);
      need(bytes.length === width * HASH, where, `holds ${bytes.length} bytes, not ${width * HASH}`);
      return bytes;
    }
    return async function hash(level, index) {
      const tier = Math.floor(level / 8);
      const inner = 2 ** (level % 8);
      const first = index * inner;
      const bytes = await tile(tier, Math.floor(first / WIDTH));
      const start = (first % WIDTH) * HASH;
      let row = [];
      for (let at = 0; at < inner; at += 1) {
        row.push(bytes.subarray(start + at * HASH, start + (at + 1) * HASH));
      }
      while (row.length > 1) {
        const pairs = row.filter((_, at) => at % 2 === 0).map((one, at) => [one, row[2 * at + 1]]);
        row = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
      }
      return row[0];
    };
  }

  async function rangeHash(hash, start, end) {
    const count = end - start;
    if (count === 1) return hash(0, start);
    const half = split(count);
    if (half * 2 === count) return hash(Math.log2(count), start / count);
    const left = rangeHash(hash, start, start + half);
    return nodeHash(await left, await rangeHash(hash, start + half, end));
  }

  /* The path from a leaf's sibling upwards (RFC 6962, 2.1.1). */
  async function inclusionProof(hash, index, size) {
    const path = [];
    let start = 0;
    let end = size;
    while (end - start > 1) {
      const middle = start + split(end - start);
      if (index < middle) {
        path.push(rangeHash(hash, middle, end));
        end = middle;
      } else {
        path.push(rangeHash(hash, start, middle));
        start = middle;
      }
    }
    return (await Promise.all(path)).reverse();
  }

  /* The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); null where it has no fit length. */
  async function rootFromInclusion(leaf, index, size, proof) {
    let place = index;
    let last = size - 1;
    let root = leaf;
    const up = (number) => Math.floor(number / 2);
    for (const sibling of proof) {
      if (last === 0) return null;
      if (place % 2 === 1 || place === last) {
        root = await nodeHash(sibling, root);
        while (place % 2 === 0 && place !== 0) [place, last] = [up(place), up(last)];
      } else {
        root = await nodeHash(root, sibling);
      }
      [place, last] = [up(place), up(last)];
    }
    return last === 0 ? root : null;
  }

  /* Whether an entry stands at an index of the tree with this size and root. */
  async function verifyInclusion(entry, index, size, proof, root) {
    if (!(index >= 0 && index < size)) return false;
    const found = await rootFromInclusion(await leafHash(entry), index, size, proof);
    return found !== null && lib.same(found, root);
  }

  /* The same from tiles.  A proof leaves out the hash of the entry itself, which the tile holds. */
  async function standsIn(hash, entry, index, size, root) {
    if (!lib.same(await hash(0, index), await leafHash(entry))) return false;
    return verifyInclusion(entry, index, size, await inclusionProof(hash, index, size), root);
  }

  /* The log as it is published, at one checkpoint: only the tiles on a path are read. */
  class TileLog {
    constructor(read, { size, root }) {
      this.read = read;
      this.size = size;
      this.root = root;
      this.hash = tileHashes((path) => this.file(path), size);
    }

    async file(path) {
      const where = `log/${path}`;
      return { bytes: await this.read(where), where };
    }

    async holds(entry, index) {
      if (!(index >= 0 && index < this.size)) return false;
      return standsIn(this.hash, entry, index, this.size, this.root);
    }

    /* The last entry, which stands in a small file of its own too. */
    last() {
      return this.file(`heads/${this.size}/entry.json`);
    }

    /* A shard of the index of heads, and whether it belongs to the index with this root. */
    async shard(name, shards, root) {
      const number = parseInt(name, 16);
      const found = await this.file(`heads/${this.size}/${name}.json`);
      const hash = tileHashes((path) => this.file(`heads/${this.size}/${path}`), shards);
      return { ...found, belongs: await standsIn(hash, found.bytes, number, shards, root) };
    }
  }

  /* size and root of a checkpoint's text (C2SP tlog-checkpoint). */
  function parseCheckpoint(text, where) {
    const lines = text.split("\n");
    need(lines.length === 4 && lines[3] === "", where, "is no checkpoint of three lines");
    const size = /^(?:0|[1-9]\d{0,15})$/.test(lines[1]) ? Number(lines[1]) : NaN;
    need(Number.isSafeInteger(size), where, "states no size");
    const root = lib.fromBase64(lines[2]);
    need(root?.length === HASH, where, "states no root");
    return { origin: lines[0], size, root };
  }

  /* The digits that name one of so many shards of the index of heads (log-heads-v1). */
  function shardDigits(shards, where) {
    const digits = [1, 2, 3, 4, 5, 6].find((count) => 16 ** count === shards);
    need(digits, where, `an index of heads cannot have ${shards} shards`);
    return digits;
  }

  /* What the log must hold of a record: one entry for the manifest and one for each history file. */
  function dueEntries(record, digests) {
    return digests.map(({ content, file, time }, sequence) => ({
      contract: "log-entry-v1",
      kind: sequence === 0 ? "manifest" : "history",
      id: record,
      sequence,
      content_sha256: content,
      file_sha256: file,
      time,
    }));
  }

  Object.assign(lib, {
    leafHash, nodeHash, tilePath, tileHashes, inclusionProof, rootFromInclusion, verifyInclusion,
    TileLog, parseCheckpoint, shardDigits, dueEntries,
  });
})((globalThis.registryCheck ??= {}));
