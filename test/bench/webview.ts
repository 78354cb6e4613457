import type { Page } from "playwright-core";
import { launchChromium } from "../e2e/chromium.ts";
import { serveWebview } from "../webview-harness/serve.ts";
import { median, type Row, type Suite } from "./row.ts";

/** What the page under test offers besides the panel itself. */
interface Harness {
  readonly engine: { graph(): Promise<unknown> };
}

declare global {
  interface Window {
    harness: Harness;
    dataAt: number;
    frameAfter(test: () => boolean): Promise<number>;
  }
}

/** Milliseconds for which a file with a large pass runs before it stops. The panel is there from the start of the run. */
const RUNNING = 3000;

/** Notes when data leave the engine, at the earliest after `running`, and when what they lead to has been painted. */
function instrument(running: number): void {
  window.dataAt = 0;
  window.frameAfter = (test) =>
    new Promise((resolve) => {
      const look = (): boolean => {
        if (!test()) return false;
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
        return true;
      };
      if (look()) return;
      const observer = new MutationObserver(() => {
        if (look()) observer.disconnect();
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true });
    });
  let harness: Harness | undefined;
  Object.defineProperty(window, "harness", {
    get: () => harness,
    set(value: Harness) {
      harness = value;
      const { engine } = value;
      const graph = engine.graph.bind(engine);
      engine.graph = async () => {
        const answer = await graph();
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, running - performance.now())));
        window.dataAt = performance.now();
        return answer;
      };
    },
  });
}

/** Milliseconds from the graph's data to the first painted card. */
async function opened(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const painted = await window.frameAfter(() => document.querySelector(".card, .drawing path") !== null);
    return painted - window.dataAt;
  });
}

/** Opens closed groups one after another; milliseconds from the click to the paint of each. */
async function expanding(page: Page, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    const time = await page.evaluate(async () => {
      // A card that is still on its way to its place would be missed: a busy machine takes longer than the pause below.
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
      const card = document.querySelector(".card.group");
      const chevron = card?.querySelector(".chevron")?.getBoundingClientRect();
      const svg = document.querySelector("svg.drawing");
      if (!card || !chevron || !svg) return null;
      const { id } = card;
      const at = performance.now();
      svg.dispatchEvent(
        new MouseEvent("click", { clientX: chevron.x + 2, clientY: chevron.y + 3, bubbles: true, button: 0 }),
      );
      return (await window.frameAfter(() => document.querySelector(`#${id}.frame`) !== null)) - at;
    });
    if (time === null) break;
    found.push(time);
    await page.waitForTimeout(250);
  }
  return found;
}

/** Milliseconds from the event that the cursor moved to the new colours in the document. */
async function stepping(page: Page, steps: number): Promise<number[]> {
  return page.evaluate(async (count) => {
    const found: number[] = [];
    const slider = document.querySelector("[role=slider].strip");
    for (let i = 0; i < count && slider; i++) {
      performance.clearMarks("engine/events");
      const changed = new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          resolve(performance.now());
        });
        observer.observe(slider, { attributeFilter: ["aria-valuenow"] });
      });
      document.querySelector<HTMLElement>("button[aria-label=Step]")?.click();
      found.push((await changed) - (performance.getEntriesByName("engine/events")[0]?.startTime ?? NaN));
      await window.frameAfter(() => true);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    return found;
  }, steps);
}

/** Durations of the frames of a second of scrolling and one of zooming. */
async function scrolling(page: Page): Promise<{ frames: number[]; nodes: number }> {
  return page.evaluate(async () => {
    const svg = document.querySelector("svg.drawing");
    const frames: number[] = [];
    let last = performance.now();
    await new Promise<void>((resolve) => {
      const began = last;
      const frame = (now: number): void => {
        frames.push(now - last);
        last = now;
        const elapsed = now - began;
        if (elapsed > 2000) {
          resolve();
          return;
        }
        const zoom = elapsed > 1000;
        const there = Math.sin(elapsed / 150) > 0 ? 1 : -1;
        svg?.dispatchEvent(
          new WheelEvent("wheel", {
            deltaY: zoom ? there * 4 : there * 25,
            deltaX: zoom ? 0 : there * 12,
            ctrlKey: zoom,
            clientX: 400,
            clientY: 400,
            bubbles: true,
            cancelable: true,
          }),
        );
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const blocks = [...document.querySelectorAll(".drawing path[fill]")]
      .map((path) => (path.getAttribute("d")?.match(/M/g) ?? []).length)
      .reduce((sum, n) => sum + n, 0);
    return { frames: frames.slice(3), nodes: Math.max(blocks, document.querySelectorAll(".card").length) };
  });
}

/** MiB of the page's JavaScript heap that are in use, once what is garbage is collected. */
async function kept(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 2 ** 20;
}

const high = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;

export const suite: Suite = async function* ({ quick }) {
  const row = (work: string, ours: number, unit: string, limit: number | null, note: string): Row => ({
    suite: "webview",
    work,
    threads: 1,
    ours,
    unit,
    peer: null,
    peerValue: null,
    ratio: null,
    goal: limit === null ? "–" : `≤ ${String(limit)} ${unit}`,
    met: limit === null ? null : ours <= limit,
    note,
  });
  const server = await serveWebview();
  const browser = await launchChromium();
  try {
    const open = async (query: string, running = 0): Promise<Page> => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.addInitScript(instrument, running);
      await page.goto(`${server.url}?${query}`);
      return page;
    };
    for (const nodes of quick ? [100, 10_000] : [100, 1000, 10_000, 100_000]) {
      const name = nodes.toLocaleString("en");
      const cold: number[] = [];
      const first: number[] = [];
      const open_: number[] = [];
      const step: number[] = [];
      let memory = NaN;
      for (let i = 0; i < (quick ? 1 : 3); i++) {
        const early = await open(`tape=transformer-${String(nodes)}`);
        cold.push(await opened(early));
        await early.close();
        const page = await open(`tape=transformer-${String(nodes)}`, RUNNING);
        first.push(await opened(page));
        await page.waitForTimeout(300);
        open_.push(...(await expanding(page, 4)));
        step.push(...(await stepping(page, 20)));
        memory = await kept(page);
        await page.close();
      }
      yield row(
        `open a pass of ${name} nodes, collapsed`,
        median(first),
        "ms",
        nodes === 10_000 ? 400 : null,
        "the file has run for three seconds before",
      );
      yield row(`the same, as soon as the page is there`, median(cold), "ms", null, "the layout worker starts with it");
      yield row(
        `open a group of it`,
        median(open_),
        "ms",
        nodes === 10_000 ? 100 : null,
        "from the click to the paint",
      );
      yield row(
        `a step of it`,
        median(step),
        "ms",
        nodes === 10_000 ? 16 : null,
        "from the cursor's event to the new colours in the document",
      );
      yield row(
        `memory of the page with it`,
        memory,
        "MiB",
        null,
        "what the page keeps, the test's own engine included",
      );
    }
    const page = await open("tape=varied-2000&open=all");
    await page.waitForSelector(".card, .drawing path", { state: "attached", timeout: 60_000 });
    await page.waitForTimeout(500);
    await page.keyboard.press("f");
    await page.waitForTimeout(500);
    const { frames, nodes } = await scrolling(page);
    yield row(`frame of scrolling and zooming, ${String(nodes)} nodes drawn`, median(frames), "ms", 17, "median");
    yield row(`the same, slowest twentieth`, high(frames, 0.95), "ms", null, "95th percentile");
  } finally {
    await browser.close();
    await server.close();
  }
};
