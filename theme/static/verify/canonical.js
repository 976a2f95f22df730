/* Canonical JSON (RFC 8785), the registry's one YAML form, and JSON Patch (RFC 6902). */
"use strict";

(function (lib) {
  const { Fault, need } = lib;

  /* The canonical text of a JSON value.  ECMAScript's own forms of numbers and strings are those
   * that RFC 8785 asks for, and its sort compares UTF-16 code units as the RFC does. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value !== null && typeof value === "object") {
      const fields = Object.keys(value).sort();
      return `{${fields.map((key) => `${text(key)}:${canonical(value[key])}`).join(",")}}`;
    }
    if (typeof value === "string") return text(value);
    if (typeof value === "number") {
      need(Number.isFinite(value), "canonical JSON", "has no form for this number");
    }
    return JSON.stringify(value);
  }

  function text(value) {
    need(!/\p{Surrogate}/u.test(value), "canonical JSON", "has no form for half a character");
    return JSON.stringify(value);
  }

  async function contentDigest(value) {
    return lib.digest(lib.toBytes(canonical(value)));
  }

  function parseJson(bytes, where) {
    try {
      return JSON.parse(lib.toText(bytes, where));
    } catch (error) {
      throw error instanceof Fault ? error : new Fault(where, "is not JSON");
    }
  }

  const STRING = /^"(?:[^"\\]|\\.)*"$/s;
  const FIELD = /^([a-z_][a-z0-9_]*|"(?:[^"\\]|\\.)*"):(?: (.+))?$/s;

  /* Read a record's YAML: two spaces a level, strings as in JSON, no float, no comment, no anchor.
   * A file in any other form is refused, and not guessed at. */
  class YamlReader {
    constructor(source, where) {
      this.where = where;
      this.lines = source.split("\n");
      this.at = 0;
      this.need(this.lines.pop() === "" && this.lines.length, "is empty, or was cut");
    }

    need(holds, what) {
      need(holds, `${this.where}:${this.at + 1}`, what);
    }

    read() {
      const value = this.mapping(0);
      this.need(this.at === this.lines.length, "is not in the registry's YAML form");
      return value;
    }

    /* The rest of the line at this depth; null where the line belongs to an outer level. */
    body(depth) {
      const line = this.lines[this.at];
      if (line === undefined || !line.startsWith(" ".repeat(depth))) return null;
      const rest = line.slice(depth);
      this.need(rest !== "" && rest[0] !== " ", "is not in the registry's YAML form");
      return rest;
    }

    mapping(depth) {
      const found = Object.create(null);
      for (let body; (body = this.body(depth)) !== null; ) {
        if (body.startsWith("- ")) break;
        const field = FIELD.exec(body);
        this.need(field, "is not in the registry's YAML form");
        const key = field[1][0] === '"' ? this.scalar(field[1]) : field[1];
        this.need(!Object.hasOwn(found, key), `states ${key} twice`);
        if (field[2] !== undefined) {
          found[key] = this.scalar(field[2]);
          this.at += 1;
        } else {
          this.at += 1;
          const next = this.body(depth + 2);
          this.need(next !== null, "leaves a field without a value");
          found[key] = next.startsWith("- ") ? this.list(depth + 2) : this.mapping(depth + 2);
        }
      }
      return found;
    }

    list(depth) {
      const found = [];
      for (let body; (body = this.body(depth)) !== null && body.startsWith("- "); ) {
        const item = body.slice(2);
        if (FIELD.test(item) && !STRING.test(item)) {
          // The item is a mapping whose first field stands behind the dash.
          this.lines[this.at] = " ".repeat(depth + 2) + item;
          found.push(this.mapping(depth + 2));
        } else {
          found.push(this.scalar(item));
          this.at += 1;
        }
      }
      return found;
    }

    scalar(source) {
      let value;
      this.need(source === source.trim(), "ends or starts with white space");
      try {
        value = JSON.parse(source);
      } catch {
        this.need(false, "is not in the registry's YAML form");
      }
      this.need(typeof value !== "number" || Number.isSafeInteger(value), "holds no safe integer");
      return value;
    }
  }

  function readYaml(bytes, where) {
    return new YamlReader(lib.toText(bytes, where), where).read();
  }

  /* Apply a patch to a value that may be changed; every `test` must hold. */
  function applyPatch(document, patch, where) {
    for (const step of patch) {
      const keys = step.path.split("/").slice(1);
      const last = unescapeKey(keys.pop());
      let parent = document;
      for (const key of keys) parent = child(parent, unescapeKey(key), step.path, where);
      applyStep(parent, last, step, where);
    }
    return document;
  }

  function unescapeKey(key) {
    return key.replaceAll("~1", "/").replaceAll("~0", "~");
  }

  function child(parent, key, path, where) {
    const leads = Array.isArray(parent)
      ? /^(?:0|[1-9]\d*)$/.test(key) && Number(key) < parent.length
      : parent !== null && typeof parent === "object" && Object.hasOwn(parent, key);
    need(leads, where, `its patch names ${path}, which is not there`);
    return parent[key];
  }

  function applyStep(parent, key, step, where) {
    if (step.op !== "add") {
      const old = child(parent, key, step.path, where);
      if (step.op === "test") {
        const holds = canonical(old) === canonical(step.value);
        need(holds, where, `its patch tests ${step.path}, which has another value`);
        return;
      }
    }
    // A patch's value goes into the record as a copy: a later step must not change the patch.
    const value = step.op === "remove" ? null : JSON.parse(canonical(step.value));
    if (Array.isArray(parent)) {
      const at = step.op === "add" && key === "-" ? parent.length : Number(key);
      const whole = Number.isSafeInteger(at) && at >= 0 && at <= parent.length;
      need(whole, where, `its patch names ${step.path}, which is no place in a list`);
      parent.splice(at, step.op === "add" ? 0 : 1, ...(step.op === "remove" ? [] : [value]));
      return;
    }
    need(parent !== null && typeof parent === "object", where, `its patch cannot set ${step.path}`);
    if (step.op === "remove") delete parent[key];
    else Object.defineProperty(parent, key, {
      value, enumerable: true, configurable: true, writable: true,
    });
  }

  /* The first place where two JSON values differ, as a JSON Pointer; null where they are equal. */
  function difference(found, due, path = "") {
    const pair = [found, due];
    const compound = pair.every((one) => one !== null && typeof one === "object");
    if (compound && Array.isArray(found) === Array.isArray(due)) {
      const keys = new Set([...Object.keys(due), ...Object.keys(found)]);
      for (const key of keys) {
        const deeper = `${path}/${key}`;
        if (!pair.every((one) => Object.hasOwn(one, key))) return deeper;
        const inner = difference(found[key], due[key], deeper);
        if (inner !== null) return inner;
      }
      return null;
    }
    return !compound && found === due ? null : path || "/";
  }

  Object.assign(lib, { canonical, contentDigest, parseJson, readYaml, applyPatch, difference });
})((globalThis.registryCheck ??= {}));
