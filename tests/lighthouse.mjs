// Usage: node lighthouse.mjs NODE_MODULES '{"chrome": PATH, "flags": [...], "urls": [...]}'
// Prints the reports of Lighthouse on every address as one JSON list. One browser looks at all of
// them, one after the other; nothing is sent to anybody else.
import { pathToFileURL } from "node:url";

const [folder, text] = process.argv.slice(2);
const job = JSON.parse(text);
const load = (path) => import(pathToFileURL(`${folder}/${path}`));
const { default: lighthouse } = await load("lighthouse/core/index.js");
const { launch } = await load("chrome-launcher/dist/index.js");

const chrome = await launch({ chromePath: job.chrome, chromeFlags: job.flags });
try {
  const reports = [];
  for (const url of job.urls) {
    const done = await lighthouse(url, {
      port: chrome.port,
      logLevel: "error",
      output: "json",
      disableFullPageScreenshot: true,
    });
    const { categories, audits, runtimeError } = done.lhr;
    reports.push({
      url,
      error: runtimeError?.message ?? "",
      scores: Object.fromEntries(Object.values(categories).map((one) => [one.id, one.score])),
      lacking: Object.values(categories).flatMap((category) =>
        category.auditRefs
          .filter(({ id, weight }) => weight && (audits[id].score ?? 1) < 1)
          .map(({ id }) => `${category.id}: ${audits[id].title}`)),
    });
  }
  console.log(JSON.stringify(reports));
} finally {
  chrome.kill();
}
