/** The table of settings as a list: paths in a config, flags, and how to read a flag's text. */
import { InputError } from "../errors.ts";
import { type SettingTypes, settings } from "../settings.ts";

/** An entry of the table: a setting, a group that may be left out, a choice between groups, or a plain group. */
export type SettingEntry = Declaration | SettingGroup;
export interface SettingGroup {
  readonly [name: string]: SettingEntry;
}
interface Declaration {
  readonly type?: keyof SettingTypes | readonly (string | number)[];
  readonly flag?: string;
  readonly help?: string;
  readonly optional?: true;
  readonly group?: SettingGroup;
  readonly either?: Readonly<Record<string, SettingGroup>>;
}

export function isGroup(entry: SettingEntry): entry is SettingGroup {
  return !("type" in entry || "group" in entry);
}

export interface Setting {
  /** Its path in a config, such as "experiment.inner.steps". */
  readonly path: string;
  readonly type: NonNullable<Declaration["type"]>;
  readonly help: string;
  readonly optional: boolean;
  /** `--inner-steps <ζ>` */
  readonly usage?: string;
}

/** A setting with a flag, such as `--inner-steps`, by which errors also name it. */
export interface Option extends Setting {
  readonly flag: string;
  readonly usage: string;
}

export const allSettings: readonly Setting[] = listed("", settings);

export const options: readonly Option[] = allSettings.flatMap(
  (setting) =>
    setting.usage === undefined
      ? []
      : [{ ...setting, usage: setting.usage, flag: setting.usage.split(" ")[0]! }], // before its placeholder
);

function listed(path: string, entry: SettingEntry): Setting[] {
  const below = (group: SettingGroup): Setting[] =>
    Object.entries(group).flatMap(([name, inner]) => listed(path === "" ? name : `${path}.${name}`, inner));
  if (isGroup(entry)) return below(entry);
  const { type, group = {}, either, flag, help = "", optional = false } = entry;
  const setting = { help, optional, ...(flag === undefined ? {} : { usage: flag }) };
  if (type !== undefined) return [{ path, type, ...setting }];
  if (either === undefined) return below(group);
  const name = { path: `${path}.name`, type: Object.keys(either), ...setting };
  return [name, ...below(group), ...Object.values(either).flatMap(below)];
}

/** Section headings of the help, by the path of a setting. */
const sections: readonly (readonly [RegExp, string])[] = [
  [/^experiment\.(environment|policy|horizon|discount)/, "Environment and policy"],
  [/^experiment\.(inner|outer)/, "Adaptation"],
  [/^experiment\.estimator/, "Estimator"],
  [/^(evaluation|checkpointEvery)/, "Evaluation and checkpoints"],
  [/^/, "Training"],
];

export function sectionOf(path: string): string {
  return sections.find(([place]) => place.test(path))![1]; // the last pattern matches everything
}

/**
 * The names allowed directly below a path, for any optimizer: a field of another optimizer is not a
 * misspelling.
 */
export function namesBelow(path: string): string[] {
  const prefix = path === "" ? "" : `${path}.`;
  const below = allSettings.filter((setting) => setting.path.startsWith(prefix));
  return [...new Set(below.map((setting) => setting.path.slice(prefix.length).split(".")[0]!))];
}

/** Names a setting, or a part of one: its path, and its flag if it has one. */
export function nameOf(path: string): string {
  const flag = options.find((option) => `${path}.`.startsWith(`${option.path}.`))?.flag;
  return `config${path === "" ? "" : `.${path}`}${flag === undefined ? "" : ` (${flag})`}`;
}

/** Converts a flag's text to a value; the schema decides whether it is allowed. */
export function fromText({ flag, type }: Option, text: unknown): unknown {
  if (typeof text !== "string")
    throw new InputError(`${flag}: expected a string, as on the command line; got ${JSON.stringify(text)}.`);
  const number = (part: string): number => {
    const value = Number(part);
    if (part.trim() !== "" && Number.isFinite(value)) return value;
    const expected = type === "counts" ? "numbers with commas between them, or none" : "a number";
    throw new InputError(`${flag}: expected ${expected}; got "${text}".`);
  };
  if (type === "text" || typeof type !== "string") return text;
  if (type === "fraction or auto" && Number.isNaN(Number(text))) return text;
  if (type === "counts") return text === "none" ? [] : text.split(",").map(number);
  return number(text);
}
