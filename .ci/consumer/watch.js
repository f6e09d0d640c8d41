// `sgmrl watch` from the installed packages: it serves the page of ./run, with the chart's script, until Ctrl-C.
import { spawn } from "node:child_process";
import { once } from "node:events";

const main = new URL("./node_modules/sgmrl/dist/cli/main.js", import.meta.url).pathname;
const watch = spawn(process.execPath, [main, "watch", "run", "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [said] = await once(watch.stdout, "data");
const address = /http:\S+\//.exec(String(said))?.[0];
const page = await (await fetch(address)).text();
if (!page.includes("1 run: 1 finished.") || !page.includes("watchPage();"))
  throw new Error(`sgmrl watch serves another page:\n${page.slice(0, 2000)}`);
watch.kill("SIGINT");
const [code] = await once(watch, "exit");
if (code !== 0) throw new Error(`sgmrl watch ended with code ${code}`);
console.log(`sgmrl watch served ${page.length} characters at ${address}`);
