// The functions' bits, pinned: Node of any version must give these (pnpm versions tries several), and so must a browser. A
// change of a formula changes them, and is then a change users can see.
import { afterAll, describe, expect, it } from "vitest";
import { type OpenPage, openPage } from "../browser/chromium.ts";
import { type Hashes, hashes } from "./table.ts";

const pinned = {
  exp: "7fb267ae",
  expm1: "4341ab25",
  log: "e6f34fe0",
  log1p: "84ed683e",
  tanh: "bc8578fa",
  sin: "000c434e",
  cos: "d2c2eeef",
  atan2: "198a9830",
  hypot: "0c31a060",
  pow: "5aad6385",
};

let page: OpenPage | undefined;
afterAll(() => page?.close(), 60_000);

describe("200,000 values of each elementary function", () => {
  it("have these bits on Node", () => {
    expect(hashes().own).toEqual(pinned);
  });

  it("have these bits in Chromium, where some of Math's are others", async () => {
    page = await openPage(new URL("./table.ts", import.meta.url), { timeout: 120_000 });
    const inPage = await page.evaluate<Hashes>("elementaryHashes()");
    expect(inPage.own).toEqual(pinned);
    expect(inPage.count).toBe(200_000);
    console.log(`${page.version}: Math's`, inPage.host, `on Node ${process.versions.node}:`, hashes().host);
  }, 180_000);
});
