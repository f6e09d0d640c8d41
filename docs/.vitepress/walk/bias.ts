import { open as openState, refuses, says } from "./acts.ts";
import type { Visit } from "./visits.ts";

export const bias: Visit = {
  ready: ".bias table",
  what: "exact ascent ends where it ended, on two doors where the results say; a setting out of range is refused",
  async run(visited) {
    const { page, address } = visited;
    const open = (state: object): Promise<void> => openState(visited, "bias.html", state);
    // Adam along the enumerated means of both estimators ends there, too; the results' 0.577 is of plain steps.
    await says(visited, "along ∇V ends at V = 0.923, along MAML's mean at 0.551");
    await open({ family: "two doors", safe: 0, prize: 0.8, stepSize: 10, trajectories: 4 });
    await says(visited, "along ∇V ends at V = 0.938, along MAML's mean at 0.800");
    await open({ family: "needle", safe: 0.45, prize: 0.8, stepSize: 10, trajectories: 4000 });
    await refuses(visited, /no setting/);
    await page.goto(`${address}/bias.html`);
    await page.waitForSelector(".bias svg");
  },
};
