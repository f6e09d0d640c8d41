/** The page of groups of runs: title, warnings, chart, figures, tables. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { UnitSource } from "../execution/create-engine.ts";
import { commandLine } from "../wording.ts";
import { adaptationCurve } from "./adaptation-curve.ts";
import { commandOf } from "./command-of.ts";
import { incomparable, unequallyLate, unfinished } from "./comparable.ts";
import { returnColumns, seedColumns } from "./estimate-text.ts";
import { evaluationCurve } from "./evaluation-curve.ts";
import { embedded, explorerData } from "./explore/data.ts";
import { explorerScript, explorerStyles } from "./explore/script.ts";
import { colorStyles, escapeXml, type Figure, renderFigure, seriesCount } from "./figure.ts";
import { gradientNorms } from "./gradient-norms.ts";
import { mostCurves } from "./group-style.ts";
import { learningCurve } from "./learning-curve.ts";
import { metricCurves } from "./metric-curve.ts";
import { intervalsOver, lastReturns, seedStatistics } from "./over-seeds.ts";
import { code, htmlTable, type Page, renderPage, type Section } from "./page.ts";
import { provenanceSection } from "./provenance.ts";
import type { Group } from "./runs.ts";
import { sampledFigures } from "./sampled-figures.ts";

export interface GroupsPage {
  readonly html: string;
  /** What the page warns of, in full. */
  readonly warnings: readonly string[];
  readonly figures: readonly Figure[];
}

export interface GroupsPageOptions {
  /** Where the trajectories are sampled; without it none are drawn. */
  readonly units?: UnitSource;
  /** The first sentence of the page. */
  readonly note: string;
  /** The folder that links lead from. */
  readonly folder: string;
  /** Whether the page is served while the runs proceed. */
  readonly isLive?: boolean;
  readonly isOfSweep?: boolean;
  /** Warnings besides those about the groups. */
  readonly problems?: readonly string[];
}

export async function groupsPage(
  groups: readonly Group[],
  { units, note, folder, isLive = false, isOfSweep = false, problems = [] }: GroupsPageOptions,
): Promise<GroupsPage> {
  // Whatever is left out keeps the page small: one of hundreds of runs opens as fast as one of two.
  const drawn = groups.slice(0, mostCurves);
  const { figures, missing } = await figuresOf(drawn, units);
  const warnings = [
    ...problems,
    ...groups
      .flatMap(({ runs }) => runs.flatMap(({ damage }) => damage))
      .map((text) => `Damaged: ${text}. The figures show what could be read.`),
    ...missing,
    ...incomparable(groups),
    ...unequallyLate(groups),
    ...(isLive ? [] : unfinished(groups)),
  ];
  const html = renderPage({
    title: titleOf(groups),
    lead: [note, leadOf(groups), leftOut(groups)].filter((text) => text !== "").join(" "),
    warnings: atMost(mostRows, warnings),
    styles: `${colorStyles}\n${explorerStyles()}`,
    explorer: isLive ? await liveExplorer(drawn) : await explorerOf(drawn),
    isLive,
    isOfSweep,
    figures: figures.map((figure) => ({ svg: renderFigure(figure), caption: figure.caption })),
    sections: [
      returnsSection(groups),
      ...seedsSection(groups),
      ...[secondsSection, provenanceSection].map((section) => section(groups.slice(0, mostRows))),
      ...(isLive ? [] : [motionsSection(drawn, folder)]), // films are not served
      ...drawn.map((group) => settingsSection(group, drawn.length > seriesCount)),
    ],
  });
  return { html, warnings, figures };
}

/** The page that is served while there is nothing to draw, and says why. */
export async function emptyLivePage(
  title: string,
  lead: string,
  warnings: readonly string[] = [],
): Promise<string> {
  return renderPage({
    title,
    lead,
    warnings,
    styles: `${colorStyles}\n${explorerStyles()}`,
    explorer: await liveExplorer([]),
    isLive: true,
    figures: [],
    sections: [],
  });
}

/** A live page has the chart's script from the start, since its policy allows no other later. */
async function liveExplorer(groups: readonly Group[]): Promise<Page["explorer"]> {
  const data = explorerData(groups);
  return {
    data: data.measures.length === 0 ? "" : embedded(data),
    script: await explorerScript("watchPage();"),
  };
}

/** The interactive chart; undefined if nothing is recorded yet. */
async function explorerOf(groups: readonly Group[]): Promise<Page["explorer"]> {
  const data = explorerData(groups);
  if (data.measures.length === 0) return undefined;
  return { data: embedded(data), script: await explorerScript("startExplorer();") };
}

/** The figures, and notes about those that could not be drawn. */
async function figuresOf(
  groups: readonly Group[],
  units: UnitSource | undefined,
): Promise<{ readonly figures: readonly Figure[]; readonly missing: readonly string[] }> {
  const { drawn, missing } =
    units === undefined ? { drawn: [], missing: [] } : await sampledFigures(groups, units);
  const hasMetrics = groups.every(({ runs }) => runs.every(({ metrics }) => metrics.length > 0));
  const overTraining = evaluationCurve(groups);
  const figures = [
    ...(hasMetrics ? [learningCurve(groups)] : []),
    ...(groups.every((group) => lastReturns(group).length > 0) ? [adaptationCurve(groups)] : []),
    ...(overTraining === undefined ? [] : [overTraining]),
    ...drawn,
    ...(hasMetrics ? [gradientNorms(groups), ...metricCurves(groups)] : []),
  ];
  return { figures, missing };
}

/** Rows of a table. */
const mostRows = 50;

/** The first items, and how many more there are: a page of thousands of runs stays small. */
function atMost(most: number, items: readonly string[]): string[] {
  const more = items.length - most;
  return more > 0 ? [...items.slice(0, most), `and ${more} more`] : [...items];
}

/** Sentences about what a page of many groups leaves out. */
function leftOut({ length }: readonly Group[]): string {
  return [
    length > mostCurves ? `Curves and commands: the first ${mostCurves} of ${length} settings.` : "",
    length > mostRows ? `Tables: the first ${mostRows}; compare --json writes all.` : "",
  ]
    .filter((text) => text !== "")
    .join(" ");
}

function titleOf(groups: readonly Group[]): string {
  const environments = new Set(groups.map(({ runs: [{ config }] }) => config.experiment.environment));
  const what = groups.length === 1 ? groups[0]!.label : `${groups.length} settings compared`;
  return `${[...environments].join(", ")}: ${what}`;
}

/** Describes the groups, naming shared properties only once. */
function leadOf(groups: readonly Group[]): string {
  const labels = new Map<string, string[]>();
  for (const { runs, label } of groups) {
    const { config } = runs[0];
    const { inner } = config.experiment;
    const done = [...new Set(runs.map(({ metrics }) => metrics.length))].sort((a, b) => a - b);
    const seeds = runs.map((run) => run.config.seed).join(", ");
    const text =
      `${done.length > 1 ? `${done[0]} to ${done.at(-1)}` : done[0]} of ${config.iterations} iterations, ${config.tasks} tasks each, ` +
      `${inner.steps} adaptation step${inner.steps === 1 ? "" : "s"} on ${inner.trajectories} trajectories, ` +
      `seed${runs.length === 1 ? "" : "s"} ${seeds}.`;
    labels.set(text, [...(labels.get(text) ?? []), label]);
  }
  if (labels.size === 1) return [...labels.keys()].join();
  return atMost(
    10,
    [...labels].map(([text, same]) => `${atMost(10, same).join("; ")}: ${text}`),
  ).join(" ");
}

function returnsSection(all: readonly Group[]): Section {
  const groups = all.slice(0, mostRows);
  const { head, cells } = returnColumns(groups.map(lastReturns));
  const over = intervalsOver(groups.map(({ runs }) => runs.length));
  return {
    title: "Return on held-out tasks",
    body: `${htmlTable(
      ["", ...head],
      groups.map(({ label }, i) => [label, ...cells[i]!]),
    )}<p>Mean undiscounted return with 95% confidence interval, over ${over}.</p>`,
  };
}

/** The section appears only if every group has enough seeds. */
function seedsSection(groups: readonly Group[]): Section[] {
  const statistics = seedStatistics(groups.slice(0, mostRows));
  if (statistics === undefined) return [];
  const { head, cells } = seedColumns(statistics);
  return [
    {
      title: "Statistics over seeds",
      body: `${htmlTable(
        ["", ...head],
        cells.map((row, i) => [groups[i]!.label, ...row]),
      )}<p>Computed from each run's return after its last adaptation step; 95% bootstrap intervals over seeds.</p>`,
    },
  ];
}

/** Links to the runs' films or, if there are none, how to make one. */
function motionsSection(groups: readonly Group[], folder: string): Section {
  const films = groups.flatMap(({ runs }) =>
    runs
      .map(({ directory }) => join(directory, "motion.html"))
      .filter((file) => existsSync(file))
      .map((file) => relative(folder, file).replaceAll("\\", "/")),
  );
  const [
    {
      runs: [{ directory }],
    },
  ] = groups as [Group];
  const links = films.map(
    (file) =>
      `<li><a href="${file.split("/").map(encodeURIComponent).join("/")}">${escapeXml(file)}</a></li>`,
  );
  const body =
    films.length === 0
      ? `<p>${code(commandLine("render", directory))} animates a held-out task before and after adaptation.</p>`
      : `<p>A held-out task before and after adaptation:</p><ul>${links.join("")}</ul>`;
  return { title: "Animations", body };
}

/** Seconds per iteration, by phase: phases are summed over all workers, the wall clock is not. */
function secondsSection(groups: readonly Group[]): Section {
  const phases = ["wall", "rollout", "adapt", "metaGradient"];
  const meanOf = (group: Group, phase: string): string => {
    const values = group.runs.flatMap(({ timings }) => timings.map((line) => line[phase] ?? 0));
    return values.length === 0
      ? ""
      : (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
  };
  return {
    title: "Seconds per iteration",
    body: `${htmlTable(
      ["", "wall clock", "rollouts", "adaptation", "meta-gradient"],
      groups.map((group) => [group.label, ...phases.map((phase) => meanOf(group, phase))]),
    )}<p>Phases are summed over tasks and workers.</p>`,
  };
}

/** The commands of three seeds and all settings or, on a page of many groups, the command of one seed. */
function settingsSection({ label, runs }: Group, isShort: boolean): Section {
  const spelledOut = isShort ? 1 : 3;
  const commands = runs.slice(0, spelledOut).map(({ config, directory }) => commandOf(config, directory));
  const others = runs.slice(spelledOut).map(({ config }) => config.seed);
  const settings = `<details><summary>All settings</summary>${code(JSON.stringify(runs[0].config, null, 2))}</details>`;
  return {
    title: `To run ${label} again`,
    body:
      code(commands.join("\n")) +
      (others.length === 0 ? "" : `<p>The same with --seed ${others.join(", ")}.</p>`) +
      (isShort ? "" : settings),
  };
}
