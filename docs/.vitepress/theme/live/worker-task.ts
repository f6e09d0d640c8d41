/**
 * Work that a page leaves to a worker, so that the page never freezes and what was typed runs nowhere else.
 *
 * Each request brings a port of its own, and only what comes through it is an answer: whatever else a worker posts, as a
 * program that was typed might, nobody hears.
 */

export interface Failure {
  readonly message: string;
  /** Of what was typed, from 1 on, where it is known. */
  readonly line?: number;
}
/** What comes through a request's port. */
export type Answer<Result, Progress> =
  | { readonly progress: Progress }
  | { readonly result: Result }
  | { readonly failure: Failure };

export class TaskFailure extends Error {
  readonly line: number | undefined;

  constructor({ message, line }: Failure) {
    super(message);
    this.line = line;
  }
}

export interface Task<Result> {
  readonly result: Promise<Result>;
  /** Ends the worker at once; the result is then a failure. */
  stop(why: string): void;
}

/** Hands `request` to the worker; the port through which it answers. */
export function hand(worker: Worker, request: unknown): MessagePort {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(request, [port2]);
  return port1;
}

/** Hands `request` to a new worker and ends the worker when it has answered, or after `seconds`. */
export function startTask<Result, Progress = string>(
  create: () => Worker,
  request: unknown,
  seconds: number,
  onProgress: (progress: Progress) => void = () => {},
): Task<Result> {
  const worker = create();
  let settle: (run: () => void) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const result = new Promise<Result>((resolve, rejectResult) => {
    reject = rejectResult;
    const timer = setTimeout(() => stop(`stopped after ${seconds} s without a result`), seconds * 1000);
    settle = (run) => {
      clearTimeout(timer);
      worker.terminate();
      answers.close();
      run();
    };
    const answers = hand(worker, request);
    answers.onmessage = ({ data }: MessageEvent<Answer<Result, Progress>>) => {
      if ("progress" in data) onProgress(data.progress);
      else if ("result" in data) settle(() => resolve(data.result));
      else settle(() => rejectResult(new TaskFailure(data.failure)));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const message = event.message || "the worker could not start";
      const line = event.filename?.startsWith("blob:") ? { line: event.lineno } : {}; // of what was typed
      settle(() => rejectResult(new TaskFailure({ message, ...line })));
    };
  });
  function stop(why: string): void {
    settle(() => reject(new TaskFailure({ message: why })));
  }
  return { result, stop };
}

/** In a worker: answers every request by `work`; an error becomes a failure with its message. */
export function serveTasks<Request, Result, Progress = string>(
  work: (request: Request, progress: (done: Progress) => void) => Result | Promise<Result>,
  describe: (error: unknown) => Failure = (error) => ({ message: messageOf(error) }),
): void {
  self.onmessage = async ({ data, ports: [port] }: MessageEvent<Request>) => {
    // Bound now: what `work` runs may replace the method.
    const post: (answer: Answer<Result, Progress>) => void = port!.postMessage.bind(port);
    try {
      post({ result: await work(data, (progress) => post({ progress })) });
    } catch (error) {
      post({ failure: describe(error) });
    }
  };
}

const longest = 2000;

/** In words, whatever was thrown: an error without a message, or none at all, or an object that throws when it is read. */
export function messageOf(error: unknown): string {
  try {
    const text = error instanceof Error ? String(error.message || error.name) : `thrown: ${String(error)}`;
    return text.length > longest ? `${text.slice(0, longest)} …` : text || "an error without a message";
  } catch {
    return "what was thrown cannot be read";
  }
}
