import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of the machine's Chromium, or null when it has none. */
export function findChromium(): string | null {
  return [process.env["CHROMIUM"], ...PLACES].find((file) => file !== undefined && existsSync(file)) ?? null;
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("no Chromium on this machine: apt-get install chromium");
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Tests run as root in containers, where Chromium's sandbox is not available.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}
