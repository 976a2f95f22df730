/* Where the checked files come from: the page itself, the site, or the record's bundle on it.
 *
 * `find`: path below the site's root -> bytes, or null where there is no such file.
 */
"use strict";

(function (lib) {
  const { Fault, Unknown, need } = lib;
  const LIMIT = 64_000_000;

  /* What was read, for the reader to see. */
  class Meter {
    constructor() {
      this.files = 0;
      this.bytes = 0;
    }

    add(bytes) {
      this.files += 1;
      this.bytes += bytes.length;
    }

    toString() {
      return `${this.files} files, ${Math.ceil(this.bytes / 1000)} kB`;
    }
  }

  /* The files that the page carries with it, as base64. */
  function embedded(files, meter) {
    const known = new Map();
    return async (path) => {
      if (!Object.hasOwn(files, path)) return null;
      if (!known.has(path)) {
        const bytes = lib.fromBase64(files[path]);
        need(bytes !== null, path, "is not carried in base64");
        meter.add(bytes);
        known.set(path, bytes);
      }
      return known.get(path);
    };
  }

  /* The site's files; each is asked for once, of the same site, and not of a cache. */
  function fetched(root, meter) {
    const known = new Map();
    async function load(path) {
      const options = { cache: "no-store", credentials: "omit", redirect: "error" };
      try {
        const reply = await fetch(new URL(root + path, document.baseURI), options);
        if (reply.status === 404) return null;
        if (!reply.ok) throw new Error(`the site answers ${reply.status}`);
        const bytes = await drain(reply.body, LIMIT, path);
        meter.add(bytes);
        return bytes;
      } catch (error) {
        if (error instanceof Fault) throw error;
        throw new Unknown(`${path} could not be read (${error.message})`);
      }
    }
    return (path) => {
      if (!known.has(path)) known.set(path, load(path));
      return known.get(path);
    };
  }

  /* All bytes of a stream that may not have more than so many. */
  async function drain(stream, limit, where) {
    const parts = [];
    let size = 0;
    const reader = stream.getReader();
    for (let next; !(next = await reader.read()).done; ) {
      size += next.value.length;
      if (size > limit) await reader.cancel();
      need(size <= limit, where, `holds more than ${limit} bytes`);
      parts.push(next.value);
    }
    return lib.join(...parts);
  }

  /* The site's files, and those that stand only in the record's bundle. */
  function published(page, meter) {
    const find = fetched(page.root, meter);
    const folder = `records/${page.record}/`;
    let entries = null;
    async function packed(name) {
      const bytes = await find(page.bundle);
      need(bytes !== null, page.bundle, "is missing");
      entries ??= zipEntries(bytes, page.bundle);
      return entries.has(name) ? unpack(bytes, entries.get(name), page.bundle, name) : null;
    }
    return (path) => {
      const name = path.startsWith(folder) ? path.slice(folder.length) : "";
      return page.bundled.includes(name) ? packed(name) : find(path);
    };
  }

  /* ---- zip: the central directory, files that are stored or deflated, and nothing else --------- */

  const END = 0x06054b50;
  const ENTRY = 0x02014b50;
  const LOCAL = 0x04034b50;

  function zipEntries(bytes, where) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let end = bytes.length - 22;
    while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
    need(end >= 0, where, "is no zip file, or was cut");
    const found = new Map();
    let at = view.getUint32(end + 16, true);
    for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
      const whole = at + 46 <= end && view.getUint32(at, true) === ENTRY;
      need(whole, where, "has a broken table of contents");
      const sizes = [28, 30, 32].map((place) => view.getUint16(at + place, true));
      const name = lib.toText(bytes.subarray(at + 46, at + 46 + sizes[0]), where);
      need(!found.has(name), where, `holds ${name} twice`);
      found.set(name, {
        method: view.getUint16(at + 10, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        local: view.getUint32(at + 42, true),
      });
      at += 46 + sizes[0] + sizes[1] + sizes[2];
    }
    return found;
  }

  async function unpack(bytes, { method, packed, size, local }, where, name) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const place = `${where}, ${name}`;
    const starts = local + 30 <= bytes.length && view.getUint32(local, true) === LOCAL;
    need(starts, place, "does not start where the table of contents says");
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const data = bytes.subarray(start, start + packed);
    need(data.length === packed && size <= LIMIT, place, "is cut, or larger than any file of a record");
    need(method === 0 || method === 8, place, "is packed in an unknown way");
    const found = method === 0 ? data : await inflate(data, size, place);
    need(found.length === size, place, `holds ${found.length} bytes where ${size} are stated`);
    return found;
  }

  async function inflate(data, size, where) {
    if (!globalThis.DecompressionStream) {
      throw new Unknown("this browser cannot unpack bundle.zip; download it and run the command");
    }
    try {
      const stream = new Blob([data]).stream();
      return await drain(stream.pipeThrough(new DecompressionStream("deflate-raw")), size, where);
    } catch (error) {
      throw error instanceof Fault ? error : new Fault(where, "cannot be unpacked: it was changed");
    }
  }

  Object.assign(lib, { Meter, embedded, published, zipEntries, unpack });
})((globalThis.registryCheck ??= {}));
