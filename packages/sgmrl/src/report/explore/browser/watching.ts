/** Keeps a page that `sgmrl watch` serves up to date with its runs. Runs in the page; see explorer.ts. */
import type { Explorer } from "./explorer.ts";

declare const startExplorer: typeof import("./explorer.ts").startExplorer;

/**
 * Asks for the page again and again, and replaces what has changed in it: scroll position, zoom and switches stay.
 * Between requests it waits two seconds plus nine times the duration of the last one, so that serving a slow page takes
 * little processor time from the runs.
 */
export function watchPage(): void {
  const pause = 2000;
  let seen = "";
  let explorer: Explorer | undefined = startExplorer();
  const status = document.getElementById("watching");
  const say = (text: string): void => {
    if (status !== null && status.textContent !== text) status.textContent = text;
  };
  const ask = async (): Promise<void> => {
    const started = performance.now();
    try {
      const response = await fetch("/", { headers: { "if-none-match": seen }, cache: "no-store" });
      if (response.status === 200) {
        seen = response.headers.get("etag") ?? "";
        explorer = renew(new DOMParser().parseFromString(await response.text(), "text/html"), explorer);
      }
      const isAnswer = response.status === 200 || response.status === 304;
      say(
        isAnswer ? "Live: this page updates as its runs proceed." : `The server answered ${response.status}.`,
      );
    } catch {
      say(
        "The server has stopped. This is the last state that it served; updates resume when it runs again.",
      );
    }
    setTimeout(ask, pause + 9 * (performance.now() - started));
  };
  setTimeout(ask, pause);
}

/** Puts the parts and the data of `next` in the place of those on the page. */
export function renew(next: Document, explorer: Explorer | undefined): Explorer | undefined {
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = next.getElementById(part.id);
    if (fresh !== null && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
  }
  document.title = next.title;
  const data = document.getElementById("explorer-data");
  const text = next.getElementById("explorer-data")?.textContent;
  if (data === null || !text || text === data.textContent) return explorer;
  data.textContent = text;
  if (explorer === undefined) return startExplorer();
  explorer.show(JSON.parse(text));
  return explorer;
}
