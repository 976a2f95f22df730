/* One record, checked from its published files: what is read, in which order, and what is said. */
"use strict";

(function (lib) {
  const { Fault, Unknown, need } = lib;
  const NOT_RECOMPUTABLE =
    "not recomputable: evidence not carried (an imported record states its numbers)";

  /* Checks one record.
   *
   * page: what the page says of itself: `record` its id, `origin` the log's name or null, `key` the
   *   log's first key or null, `entries` the places of the record's own entries in the log,
   *   `evidence` whether evidence.json is published.
   * find: path below the site's root -> bytes, or null where there is no such file.
   * shown: what the page shows, as `panel.js` reads it, or null.
   */
  class RecordCheck {
    constructor(page, find, shown) {
      this.page = page;
      this.find = find;
      this.shown = shown;
      this.folder = `records/${page.record}/`;
    }

    /* Runs every check; `told` gets each line as it is known.  A line: title, outcome, what. */
    async run(told) {
      const checks = [
        ["Manifest", this.manifestCheck, `${this.folder}manifest.yaml`],
        ["History", this.historyCheck, `${this.folder}record.json`],
        ["Signature of the log", this.signatureCheck, "log/checkpoint"],
        ["Entries in the log", this.entriesCheck, "log/tile"],
        ["Nothing newer", this.newestCheck, "log/heads"],
        ["Cosine of every claim", this.numbersCheck, `${this.folder}artifacts/evidence.json`],
        ["What this page shows", this.pageCheck, `${this.folder}index.html`],
      ];
      const lines = [];
      for (const [title, check, where] of checks) {
        const line = { title, ...(await attempt(() => check.call(this), where)) };
        lines.push(line);
        told(line);
      }
      return lines;
    }

    async read(path) {
      const bytes = await this.find(path);
      need(bytes !== null, path, "is missing");
      return bytes;
    }

    async readJson(path) {
      return lib.parseJson(await this.read(path), path);
    }

    /* manifest.yaml is the file that record.json names. */
    async manifestCheck() {
      const where = `${this.folder}manifest.yaml`;
      const bytes = await this.read(where);
      const file = await lib.digest(bytes);
      const json = `${this.folder}record.json`;
      const { view } = await this.readJson(json);
      need(view?.record?.id === this.page.record, json, "belongs to another record");
      this.stated = view;
      const named = view.manifest_file_sha256 === file && view.manifest_bytes === bytes.length;
      need(named, where, `its SHA-256 is ${file}, and record.json names ${view.manifest_file_sha256}`);
      const manifest = lib.readYaml(bytes, where);
      need(manifest.id === this.page.record, where, `is of the record ${manifest.id}`);
      const content = await lib.contentDigest(manifest);
      need(view.manifest_content_sha256 === content, json, "states another digest of its content");
      this.manifest = { value: manifest, file, content };
      return `manifest.yaml has the SHA-256 that record.json states, ${file}.`;
    }

    /* Every history file follows the one before it, and replaying them gives record.json. */
    async historyCheck() {
      if (!this.manifest) throw new Unknown("the manifest is not in order, so nothing follows it");
      const record = JSON.parse(lib.canonical(this.manifest.value));
      this.digests = [{
        content: this.manifest.content,
        file: this.manifest.file,
        time: `${record.work.as_of}T00:00:00Z`,
      }];
      let state = this.manifest.content;
      for (const [at, stated] of this.stated.history.entries()) {
        state = await this.follow(record, state, stated, at + 1);
      }
      const json = `${this.folder}record.json`;
      const place = lib.difference(this.stated.record, statedPart(this.stated.record, record));
      need(place === null, json, `states something else at ${place} than manifest and history give`);
      const head = this.digests.at(-1).content;
      need(this.stated.head_sha256 === head, json, "names another digest as the newest");
      this.record = record;
      const count = this.stated.history.length;
      if (count === 0) return "there is no entry: the record stands as first published.";
      const entries = count === 1 ? "1 entry follows" : `${count} entries follow`;
      return `${entries} on the manifest without a gap, and replaying gives record.json.`;
    }

    async follow(record, state, stated, number) {
      const name = `${String(number).padStart(4, "0")}-${stated.kind}.yaml`;
      const where = `${this.folder}history/${name}`;
      need(/^[a-z-]+$/.test(stated.kind), `${this.folder}record.json`, "names an unknown entry");
      const bytes = await this.read(where);
      const entry = lib.readYaml(bytes, where);
      const place = lib.difference(entry, stated);
      need(place === null, where, `differs from record.json at ${place}`);
      need(entry.record === this.page.record, where, `belongs to ${entry.record}`);
      need(entry.sequence === number, where, `has number ${entry.sequence}, and ${number} is due`);
      const previous = this.digests.at(-1).content;
      need(entry.previous === previous, where, "does not follow the entry before it");
      need(entry.record_before === state, where, "was written against another state of the record");
      lib.applyPatch(record, entry.patch, where);
      const after = entry.patch.length ? await lib.contentDigest(record) : state;
      need(entry.record_after === after, where, "does not lead to the state that it names");
      this.digests.push({
        content: await lib.contentDigest(entry),
        file: await lib.digest(bytes),
        time: entry.at,
      });
      return after;
    }

    /* The newest checkpoint is signed by a key that the log's statements let sign. */
    async signatureCheck() {
      if (this.page.origin === null) {
        throw new Unknown("not logged: the registry keeps no signed log, so nothing shows that " +
          "nothing was replaced or taken back");
      }
      const where = "log/checkpoint";
      const note = lib.parseNote(await this.read(where), where);
      const checkpoint = lib.parseCheckpoint(note.text, where);
      need(checkpoint.origin === this.page.origin, where,
        `is of the log ${checkpoint.origin}, and this page names ${this.page.origin}`);
      this.checkpoint = checkpoint;
      this.log = new lib.TileLog((path) => this.read(path), checkpoint);
      const keysFile = lib.readYaml(await this.read("log/keys.yaml"), "log/keys.yaml");
      need(keysFile.origin === checkpoint.origin, "log/keys.yaml", `is of ${keysFile.origin}`);
      const first = keysFile.statements[0]?.key;
      need(!this.page.key || first === this.page.key, "log/keys.yaml",
        `starts with the key ${first}, and this page names ${this.page.key}`);
      try {
        const ring = await lib.followKeys(keysFile, "log/keys.yaml");
        const [signer] = await lib.signersOf(note, lib.trustedKeys(ring, checkpoint.size), where);
        return `${where} of ${checkpoint.size} entries is signed by ${signer.text}.`;
      } catch (error) {
        // An unsigned checkpoint proves nothing, so that the two checks of the log say so too.
        if (!(error instanceof Unknown)) this.checkpoint = null;
        this.unsigned = error instanceof Unknown;
        throw error;
      }
    }

    needLog() {
      if (this.page.origin === null) throw new Unknown("not logged");
      if (!this.checkpoint) throw new Unknown("there is no signed checkpoint to prove it against");
      if (!this.record) throw new Unknown("manifest and history are not in order");
    }

    get against() {
      const signed = this.unsigned ? "the checkpoint, whose signature was not checked" :
        "the signed checkpoint";
      return `${signed} of ${this.checkpoint.size} entries`;
    }

    /* Each of the record's files is logged with its digest, at the place that the page names. */
    async entriesCheck() {
      this.needLog();
      const due = lib.dueEntries(this.page.record, this.digests);
      const places = this.page.entries;
      const { size } = this.checkpoint;
      for (const [at, entry] of due.entries()) {
        const name = at === 0 ? `${this.folder}manifest.yaml` : `${this.folder}history, entry ${at}`;
        need(places[at] !== undefined, name, "is published, and the log does not hold it yet");
        need(places[at] < size, "log/checkpoint",
          `has ${size} entries, and this page names entry ${places[at]}: the log was rolled back`);
        const bytes = lib.toBytes(lib.canonical(entry));
        const holds = await this.log.holds(bytes, places[at]);
        need(holds, name, `is not what log entry ${places[at]} says, or the tiles of the log are not ` +
          "those that were signed");
      }
      need(places.length === due.length, `${this.folder}history`,
        `${places.length} entries were logged, and ${due.length} are published`);
      const word = due.length === 1 ? "1 entry is" : `${due.length} entries are`;
      return `${word} in ${this.against}: ${places.join(", ")}.`;
    }

    /* The log's last entry names this record's newest entry: nothing newer was logged. */
    async newestCheck() {
      this.needLog();
      const { size } = this.checkpoint;
      need(size > 0, "log/checkpoint", "holds nothing");
      const last = await this.log.last();
      need(await this.log.holds(last.bytes, size - 1), last.where, "is not the log's last entry, or " +
        "the tiles of the log are not those that were signed");
      const heads = lib.parseJson(last.bytes, last.where);
      need(heads.kind === "heads", last.where, "is no index of heads");
      const digits = lib.shardDigits(heads.shards, last.where);
      const name = (await lib.digest(lib.toBytes(this.page.record))).slice(0, digits);
      const root = lib.fromHex(heads.root_sha256);
      const { bytes: shard, where, belongs } = await this.log.shard(name, heads.shards, root);
      need(belongs, where, "is not the one that the log's last entry stands for");
      const head = lib.parseJson(shard, where).heads.find((one) => one.id === this.page.record);
      need(head, where, "does not name this record");
      const newest = this.digests.length - 1;
      need(head.sequence === newest && head.content_sha256 === this.digests[newest].content, where,
        `names entry ${head.sequence} (${head.content_sha256}) as the newest, and the newest ` +
        `that is published here is ${newest}`);
      return `the index of heads names ${newest === 0 ? "the manifest" : `history entry ${newest}`}` +
        ` as the newest, in ${this.against}.`;
    }

    /* Every claim's cosine follows from the published counts. */
    async numbersCheck() {
      if (!this.manifest) throw new Unknown("the manifest is not in order");
      const manifest = this.manifest.value;
      if (manifest.origin !== "computed") throw new Unknown(NOT_RECOMPUTABLE);
      const artifact = manifest.artifacts.find((one) => one.kind === "evidence" && one.public);
      if (!artifact) throw new Unknown("not recomputable: evidence not carried");
      const where = `${this.folder}artifacts/${artifact.name}`;
      if (!this.page.evidence) {
        throw new Unknown("the evidence stands only in bundle.zip: its page verify.html checks it");
      }
      const bytes = await this.read(where);
      const file = await lib.digest(bytes);
      need(file === artifact.sha256, where,
        `its SHA-256 is ${file}, and the manifest names ${artifact.sha256}`);
      const faults = await lib.recomputeClaims(manifest, lib.parseJson(bytes, where));
      need(faults.length === 0, where, faults.slice(0, 5).join("; "));
      const tests = manifest.claims.flatMap((one) => [one.verification, one.corroboration]);
      const count = tests.filter((one) => one !== null).length;
      const claims = manifest.claims.length === 1 ? "1 claim" : `${manifest.claims.length} claims`;
      return `${count} values of ${claims} come out as published, and every tick follows. Not ` +
        "recomputable: which words of the question each source holds; their texts are not published.";
    }

    /* The page shows what manifest and history give. */
    async pageCheck() {
      if (!this.record) throw new Unknown("manifest and history are not in order");
      if (!this.shown) throw new Unknown("this page shows nothing of the record");
      const faults = lib.shownFaults(this.shown, this.record);
      need(faults.length === 0, `${this.folder}index.html`, faults.slice(0, 5).join("; "));
      return "title, state, Gate 2, and every claim with its tick and value are those of the record.";
    }
  }

  /* In a bundle alone, record.json names the record and its files, and leaves the rest to the
   * manifest and the digests of the history, which were followed. */
  function statedPart(stated, record) {
    const { id, artifacts } = record;
    return "claims" in stated ? record : { id, artifacts };
  }

  /* What came of a check, as an outcome and a sentence. */
  async function attempt(check, where) {
    try {
      return { outcome: "holds", what: await check() };
    } catch (error) {
      if (error instanceof Unknown) return { outcome: "unknown", what: error.message };
      if (error instanceof Fault) return { outcome: "fails", what: error.message };
      // A file without the fields that its contract asks for ends here.
      return { outcome: "fails", what: `${where}: is not of its form (${error.message})` };
    }
  }

  Object.assign(lib, { RecordCheck });
})((globalThis.registryCheck ??= {}));
