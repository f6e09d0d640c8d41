/** A worker that stays, and answers one request after the other. */
import { type Answer, hand, TaskFailure } from "./worker-task.ts";

export interface Session<Request, Result> {
  /** The answer; at most one request at a time. A request whose worker is ended is never answered. */
  ask(request: Request): Promise<Result>;
  end(): void;
}

/** `create` makes a worker that serves tasks (worker-task.ts). */
export function openSession<Request, Result>(create: () => Worker): Session<Request, Result> {
  const worker = create();
  let settle: ((answer: Answer<Result, never>) => void) | undefined;
  const answered = (answer: Answer<Result, never>): void => {
    const waiting = settle;
    settle = undefined;
    waiting?.(answer);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    answered({ failure: { message: event.message || "the worker could not start" } });
  };
  return {
    ask: (request) => {
      if (settle !== undefined) throw new Error("the worker has not answered the last request");
      return new Promise<Result>((resolve, reject) => {
        settle = (answer) => {
          if ("result" in answer) resolve(answer.result);
          else if ("failure" in answer) reject(new TaskFailure(answer.failure));
        };
        const answers = hand(worker, request);
        answers.onmessage = ({ data }: MessageEvent<Answer<Result, never>>) => {
          answers.close();
          answered(data);
        };
      });
    },
    end: () => worker.terminate(),
  };
}
