declare module "*.css";
declare module "*.wasm?url" {
  const address: string;
  export default address;
}
declare module "*.vue" {
  import type { Component } from "vue";

  const component: Component;
  export default component;
}
/** The commit that the site was built from, and whether sources differed from it. */
declare const __COMMIT__: string;
/** Of the engines that are measured. */
declare const __VERSIONS__: Readonly<Record<string, string>>;
declare module "*.xml?raw" {
  const text: string;
  export default text;
}
