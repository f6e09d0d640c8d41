/**
 * Programs in two stages: what is computed from the known inputs stays in memory, at its address in a plan for both
 * stages, until another program runs there. The second stage then finds it gone, and has it computed again.
 */

import type { Graph } from "../../trace/graph.ts";
import type { StagedExecutable } from "../backend.ts";
import { type Arena, buffersOf, moduleOf, planGraph, write } from "./compile.ts";
import type { Arithmetic } from "./elementary/lanes.ts";
import { readBy } from "./plan/memory.ts";
import type { Node } from "./plan/nodes.ts";
import { stepsFor } from "./plan/schedule.ts";

export function compileStagedGraph(
  graph: Graph,
  known: number,
  now: number,
  arena: Arena,
  arithmetic: Arithmetic,
): StagedExecutable {
  const plan = planGraph(graph, arithmetic, known);
  const buffers = buffersOf(plan, arena);
  const [once, steps] = [plan.steps.slice(0, plan.once), plan.steps.slice(plan.once)];
  const nodesOf = (outputs: readonly number[]): Node[] => outputs.map((i) => plan.outputs[i]!.node);
  const others = plan.outputs.flatMap((_, i) => (i < now ? [] : [i]));
  const residuals = new Set([...steps.flatMap(readBy).map(({ node }) => node), ...nodesOf(others)]);

  const first = moduleOf(plan, once, arena);
  const again = lazily(() => moduleOf(plan, stepsFor(once, residuals), arena));
  const seconds = new Map<string, () => void>(); // by the outputs that they compute
  const second = (outputs: readonly number[]): (() => void) => {
    const key = outputs.join();
    const made = seconds.get(key) ?? moduleOf(plan, stepsFor(steps, nodesOf(outputs)), arena);
    seconds.set(key, made);
    return made;
  };

  return (arrays) => {
    const owner = {};
    const start = (run: () => void): void => {
      write(buffers(owner).inputs, arrays);
      run();
    };
    start(first);
    return {
      now: buffers(owner)
        .outputs.slice(0, now)
        .map((read) => read()),
      later: (outputs, late) => {
        const run = second(outputs);
        if (arena.owner !== owner) start(again());
        const { inputs, outputs: read } = buffers(owner);
        write(inputs.slice(known), late);
        run();
        return outputs.map((i) => read[i]!());
      },
    };
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
