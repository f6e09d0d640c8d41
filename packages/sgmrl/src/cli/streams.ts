import type { Terminal } from "./terminal.ts";

export interface Streams extends Terminal {
  /** The error that kept a result from being written, other than a closed pipe. */
  failure(): string | undefined;
}

/** Control characters except newlines and tabs, and characters that change the writing direction. */
const unprintable = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Makes text safe to print: names in files, paths and messages from other machines may contain terminal
 * control characters. They are escaped as in JSON, so that JSON keeps its meaning.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * The terminal of a process. A closed pipe, as in `sgmrl train 2>&1 | head -1`, or a full device ends neither
 * the process nor its work; nothing more is written to it.
 */
export function streamsOf(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Streams {
  let failure: string | undefined;
  const writer = (stream: NodeJS.WriteStream, onFailure: (error: NodeJS.ErrnoException) => void) => {
    let closed = false;
    const close = (error: unknown): void => {
      if (closed) return;
      closed = true;
      onFailure(error as NodeJS.ErrnoException); // what streams report
    };
    stream.on("error", close);
    return (text: string): void => {
      if (closed) return;
      try {
        stream.write(`${printable(text)}\n`);
      } catch (error) {
        close(error);
      }
    };
  };
  return {
    out: writer(out, ({ code, message }) => {
      if (code !== "EPIPE") failure = `standard output: ${message}`;
    }),
    err: writer(err, () => {}),
    progress: err,
    failure: () => failure,
  };
}
