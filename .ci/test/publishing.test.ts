// What is published says what it is, whose it is and where it comes from; the files that GitHub reads have the form it reads.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packages, publishedManifest, repositoryAddress, withAbsoluteLinks } from "../pack.ts";

const somewhere = "https://example.org/someone/sgmrl";
const manifests = packages.map((folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
const read = (path: string) => readFileSync(path, "utf8");

describe.each(packages.map((folder, i) => [folder, manifests[i]] as const))("%s", (folder, manifest) => {
  const published = publishedManifest(manifest, folder, somewhere);

  it("says what it is, and where it comes from", () => {
    expect(published).toMatchObject({
      license: "MIT",
      publishConfig: { access: "public", provenance: true },
      repository: { type: "git", url: `git+${somewhere}.git`, directory: folder },
      bugs: `${somewhere}/issues`,
    });
    expect(String(published.description).length).toBeGreaterThan(40);
    expect((published.keywords as string[]).length).toBeGreaterThanOrEqual(5);
  });

  it("leaves out what only the workspace uses", () => {
    expect(JSON.stringify(published)).not.toMatch(/sgmrl-source|workspace:|devDependencies|\.\/src/);
    expect(Object.keys(published.exports as object)).toEqual(Object.keys(manifest.exports));
    for (const [name, wanted] of Object.entries((published.dependencies ?? {}) as Record<string, string>))
      expect(wanted, name).toMatch(/^\^?\d+\.\d+\.\d+/);
  });

  it("has a README whose links lead somewhere from anywhere", () => {
    const page = withAbsoluteLinks(read(join(folder, "README.md")), folder, somewhere);
    const targets = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    const own = targets.filter((target) => target.startsWith(somewhere));
    for (const target of targets) expect(target).toMatch(/^(https?:|#)/);
    for (const target of own)
      expect(existsSync(target.slice(`${somewhere}/blob/main/`.length).split("#")[0]!), target).toBe(true);
    expect(own.length).toBeGreaterThan(0);
    expect(withAbsoluteLinks(read(join(folder, "README.md")), folder, "")).toBe(
      read(join(folder, "README.md")),
    );
  });

  it("has a changelog whose newest version is its own", () => {
    expect(/^## (\S+)$/m.exec(read(join(folder, "CHANGELOG.md")))?.[1]).toBe(manifest.version);
  });
});

it("the packages and the citation have one version", () => {
  const citation = parse(read("CITATION.cff"));
  for (const { version } of manifests) expect(version).toBe(citation.version);
  for (const field of ["cff-version", "title", "message", "authors", "license"])
    expect(citation, field).toHaveProperty(field);
});

it("is not published before it is said where the repository is", () => {
  if (repositoryAddress() !== "") return expect(repositoryAddress()).toMatch(/^https:\/\//);
  const { status, stderr } = spawnSync("node", [".ci/pack.ts", "nowhere", "--publish"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("config.repository is empty");
  expect(existsSync("nowhere")).toBe(false);
});

it("leaves no placeholder in a page", () => {
  const pages = globSync("{*.md,*.cff,.github/**/*.{md,yml},docs/*.md,docs/decisions/*.md,packages/*/*.md}");
  expect(pages.length).toBeGreaterThan(20);
  for (const page of pages)
    expect(read(page), page).not.toMatch(/\bREPOSITORY\b|\bOWNER\/|\bTODO\b|\bFIXME\b/);
});

describe("what runs elsewhere", () => {
  const gate = parse(read(".github/workflows/gate.yml"));

  it("is the same gate, on each system, under each supported version of Node", () => {
    const { matrix } = gate.jobs.gate.strategy;
    expect(gate.jobs.gate.steps.at(-1)).toEqual({ run: "bash .ci/run" });
    expect(matrix.system).toEqual(["ubuntu-latest", "macos-latest", "windows-latest"]);
    const supported = /\["20"[^\]]*\]/.exec(read(".ci/versions.ts"))![0];
    expect(matrix.node.map(String)).toEqual(JSON.parse(supported));
    expect(manifests.map(({ engines }) => engines.node)).toEqual(packages.map(() => `>=${matrix.node[0]}`));
  });

  it("publishes after the gate, by a command that exists", () => {
    const steps: readonly { run?: string }[] = parse(read(".github/workflows/publish.yml")).jobs.publish
      .steps;
    const [last, before] = steps.flatMap(({ run }) => run ?? []).reverse();
    expect(before).toBe("bash .ci/run");
    const script = /pnpm@12 (\S+)/.exec(last!)![1]!;
    expect(JSON.parse(read("package.json")).scripts).toHaveProperty(script);
  });

  it.each(globSync(".github/ISSUE_TEMPLATE/*.yml").filter((path) => !path.endsWith("config.yml")))(
    "%s is a form",
    (path) => {
      const form = parse(read(path));
      expect(Object.keys(form).sort()).toEqual(["body", "description", "labels", "name"]);
      const ids = form.body.map(({ id }: { id: string }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { type, attributes } of form.body) {
        expect(["input", "textarea", "dropdown", "checkboxes", "markdown"]).toContain(type);
        expect(attributes.label).toBeTruthy();
      }
    },
  );

  it("the container installs what the gate installs", () => {
    const { postCreateCommand } = JSON.parse(read(".devcontainer/devcontainer.json"));
    expect(read(".ci/run")).toContain(postCreateCommand.replace("npx -y pnpm@12", "$pnpm"));
  });
});
