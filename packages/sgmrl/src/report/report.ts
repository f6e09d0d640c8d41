/** The report of one run, or of several for comparison: a page and its figures as SVG files. */
import { lstatSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileProblem, InputError } from "../errors.ts";
import { localUnits, type UnitSource } from "../execution/create-engine.ts";
import { makeDirectory, writeAtomically } from "../training/store/atomic-write.ts";
import { refuseOwned } from "../training/store/ownership.ts";
import { renderFigure } from "./figure.ts";
import { groupsPage } from "./groups-page.ts";
import { type Group, groupRuns, readRun } from "./runs.ts";

export interface ReportOptions {
  readonly units?: UnitSource;
  /** The first sentence of the page. */
  readonly note?: string;
  /** The directory of the run or sweep whose own report this is; without it, that of the only run shown. */
  readonly own?: string | undefined;
  readonly isOfSweep?: boolean;
}

export type WriteReport = typeof writeReport;

/** What a page shows, and what it warns of. */
export interface Report {
  readonly groups: readonly Group[];
  readonly warnings: readonly string[];
}

/** Writes the page at `path` and its figures next to it. */
export async function writeReport(
  directories: readonly string[],
  path: string,
  options: ReportOptions = {},
): Promise<Report> {
  return writeGroupReport(groupRuns(directories.map(readRun)), path, options);
}

/** The same, for runs that have already been read and grouped. */
export async function writeGroupReport(
  groups: readonly Group[],
  path: string,
  { units = localUnits, note = "", own = onlyOf(groups), isOfSweep = false }: ReportOptions = {},
): Promise<Report> {
  const name = basename(path, ".html");
  const folder = join(dirname(path), name === "report" ? "figures" : `${name}-figures`);
  for (const target of [path, folder]) refuseOwned(target, own);
  const { html, figures, warnings } = await groupsPage(groups, {
    units,
    note,
    isOfSweep,
    folder: dirname(path),
  });
  try {
    refuseOddTargets(folder, path);
    makeDirectory(folder);
    for (const figure of figures)
      writeAtomically(join(folder, `${figure.name}.svg`), renderFigure(figure, true));
    writeAtomically(path, html);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: the report cannot be written: ${fileProblem(error)}.`);
  }
  return { groups, warnings };
}

function onlyOf(groups: readonly Group[]): string | undefined {
  const [first, ...others] = groups.flatMap(({ runs }) => runs);
  return others.length === 0 ? first?.directory : undefined;
}

/**
 * Refuses to replace anything but a regular file by the page, or to follow a link instead of the figures'
 * folder.
 */
function refuseOddTargets(folder: string, path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new InputError(`${path}: exists, but is not a regular file; choose another name for the report.`);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new InputError(
      `${folder}: the figures go into a folder of this name, but it is not a directory, or is a link to one. Remove it, or choose another name for the report.`,
    );
}
