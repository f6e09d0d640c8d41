/** What is done on the pages that run something. */
import type { Visited } from "./acts.ts";
import { adapt } from "./adapt.ts";
import { bias } from "./bias.ts";
import { derivatives } from "./derivatives.ts";
import { desk } from "./desk.ts";
import { measure } from "./measure.ts";
import { robots } from "./robots.ts";

/** A visit leaves the page with something to look at: axe-core looks at it next. */
export interface Visit {
  /** A selector: the page can be used. */
  readonly ready: string;
  readonly what: string;
  /** Uses a little of the page, on every check. */
  quick?(visited: Visited): Promise<void>;
  run(visited: Visited): Promise<void>;
}

export const visits: Readonly<Record<string, Visit>> = {
  "desk.html": desk,
  "derivatives.html": derivatives,
  "bias.html": bias,
  "adapt.html": adapt,
  "robots.html": robots,
  "measure.html": measure,
};
