import {
  derivativesAreLinear,
  float32AgreesWithFloat64,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import type { Point } from "./setting.ts";

/** What must hold at every point of every primitive, as the end of a sentence that begins with its name. */
export const pointLaws: Readonly<Record<string, (point: Point) => void>> = {
  "keeps its value under every transform": ({ setting, xs, dxs }) => primalIsKept(setting.apply, xs, dxs),
  "has the jvp that differences give": ({ setting, xs, dxs }) => {
    jvpMatchesDifferences(setting.apply, xs, dxs);
  },
  "has a vjp that is the transpose of its jvp": ({ setting, xs, dxs, yBar }) => {
    vjpIsTransposeOfJvp(setting.apply, xs, dxs, yBar);
  },
  "has derivatives that are linear": ({ setting, xs, dxs, others, yBar, otherBar }) => {
    derivativesAreLinear(setting.apply, xs, [dxs, others], [yBar, otherBar], -1.5);
  },
  "agrees in float32 and float64": ({ setting, xs, dxs, yBar }) => {
    float32AgreesWithFloat64(setting.apply, xs, dxs, yBar);
  },
};
