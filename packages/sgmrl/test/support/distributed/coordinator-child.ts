// A coordinator process of the tests, to be killed: coordinator-child.js <url> <directory> <JSON: fingerprint>
import { coordinate } from "./coordinate.ts";

const [url, directory, fingerprint] = process.argv.slice(2);
console.log("ready");
await coordinate(url!, process.env.SGMRL_BROKER_PASSWORD ?? "", directory!, {
  fingerprint: JSON.parse(fingerprint!),
  log: console.log,
});
