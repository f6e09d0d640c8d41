import fc from "fast-check";
import { fuzzSettings } from "./vitest.fuzz.ts";

fc.configureGlobal(fuzzSettings());
