import type { DefaultTheme } from "vitepress";

const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link });

export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Run it here",
    items: [
      page("The auditor's desk", "/desk.html"),
      page("Derivatives are programs", "/derivatives.html"),
      page("Where the bias decides", "/bias.html"),
      page("Watch it adapt", "/adapt.html"),
      page("Robots", "/robots.html"),
      page("Measure here", "/measure.html"),
    ],
  },
  {
    text: "Guide",
    items: [
      page("Read me", "/readme.html"),
      page("Examples", "/examples.html"),
      page("Runs", "/runs.html"),
      page("A robot of your own", "/examples/unicycle/"),
      page("Settings", "/settings.html"),
      page("Several machines", "/distributed.html"),
      page("Architecture", "/architecture.html"),
      page("Contributing", "/contributing.html"),
      page("Threat model", "/threat-model.html"),
    ],
  },
  {
    text: "Mathematics",
    items: [
      page("Notation", "/notation.html"),
      page("Policy gradient", "/math/policy-gradient.html"),
      page("Meta-gradient estimators", "/math/estimators.html"),
      page("Reparameterised", "/math/reparameterised.html"),
      page("Exact answers", "/math/exact.html"),
      page("Theory", "/theory.html"),
      page("Training", "/math/training.html"),
      page("Automatic differentiation", "/math/autodiff.html"),
      page("Primitives", "/math/primitives.html"),
      page("Random numbers", "/math/random.html"),
      page("Environments", "/math/environments.html"),
      page("Rigid bodies", "/math/rigid-body.html"),
      page("From equation to code to test", "/trace.html"),
      page("References", "/references.html"),
    ],
  },
  {
    text: "Results",
    items: [
      page("All measurements", "/results/"),
      page("Audit", "/results/audit.html"),
      page("Where bias decides", "/results/bias.html"),
      page("Convergence", "/results/convergence.html"),
      page("Beside every rival", "/results/rivals.html"),
      page("Bias and noise", "/results/noise.html"),
      page("Reparameterised", "/results/reparameterised.html"),
      page("Default estimators", "/results/defaults.html"),
      page("Half-cheetah", "/results/half-cheetah.html"),
      page("MuJoCo parity", "/results/mujoco-parity.html"),
      page("Speed of a task", "/results/main-job-speed.html"),
      page("Speed of rigid bodies", "/results/rigid-body-speed.html"),
      page("Claims taken back", "/results/withdrawn.html"),
      page("Benchmarks", "/benchmarks.html"),
    ],
  },
  {
    text: "Packages",
    items: [
      page("@sgmrl/autodiff", "/packages/autodiff.html"),
      page("@sgmrl/envs", "/packages/envs.html"),
      page("sgmrl", "/packages/sgmrl.html"),
      page("API reference", "/api/"),
    ],
  },
];
