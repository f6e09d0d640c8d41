import type { Terminal } from "./terminal.ts";

export interface Streams extends Terminal {
  /** What kept a result from being written, other than a reader who had seen enough. */
  failure(): string | undefined;
}

/** Control characters but for line ends and tabs, and those that turn the direction of writing. */
const unprintable = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * The same for people to read: names in files, paths and other machines' words may hold what a terminal acts upon. They are
 * written as JSON would write them, so that JSON keeps its meaning.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * The terminal of a process. A reader that leaves, as in `sgmrl train 2>&1 | head -1`, or a device that is full ends
 * neither the process nor its work: nothing more is written there.
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
      if (code !== "EPIPE") failure = `the standard output: ${message}`;
    }),
    err: writer(err, () => {}),
    progress: err,
    failure: () => failure,
  };
}
