/** Keeps a page that `sgmrl watch` serves as new as its runs. Runs in the page. */
import type { Explorer } from "./explorer.ts";

/** Asks for the page every other second, and puts what has changed of it in place, so that scroll and choices stay. */
export function watchPage(explorer: Explorer, tag: string): void {
  let seen = tag;
  const status = document.getElementById("watching");
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch("/", { headers: { "if-none-match": seen }, cache: "no-store" });
      if (response.status === 200) {
        seen = response.headers.get("etag") ?? "";
        const next = new DOMParser().parseFromString(await response.text(), "text/html");
        for (const part of document.querySelectorAll("[data-part]")) {
          const fresh = next.getElementById(part.id);
          if (fresh !== null && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
        }
        document.title = next.title;
        const data = next.getElementById("explorer-data")?.textContent;
        if (data) explorer.show(JSON.parse(data));
      }
      if (status !== null) status.textContent = "Live: refreshed as the files grow.";
    } catch {
      if (status !== null) status.textContent = "sgmrl watch has ended; this is what it showed last.";
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
}
