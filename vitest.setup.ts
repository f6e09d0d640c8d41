import fc from "fast-check";
import { fuzzSettings } from "./test/support/fuzz.ts";

fc.configureGlobal(fuzzSettings());
