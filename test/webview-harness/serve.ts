import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import type { Engine } from "../../engine/protocol/engine.ts";
import { decode, encode } from "./engine-json.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

const page = (
  language: string,
): string => `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>Backstep</title>
<link rel="stylesheet" href="main.css"></head>
<body><div id="root"></div><script type="module" src="page.js"></script><script type="module" src="main.js"></script></body></html>`;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".ttf": "font/ttf",
  ".woff2": "font/woff2",
};

/** Calls a method of an engine as a page asked for it. */
async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, args } = decode(await text(request)) as { method: keyof Engine; args: unknown[] };
  try {
    const ask = engine[method] as (...args: unknown[]) => Promise<unknown>;
    response.end(encode((await ask(...args)) ?? null));
  } catch (error) {
    response.writeHead(500).end(encode(error));
  }
}

/**
 * Builds the webview with the synthetic engine into a temporary folder, and serves it on a port of its own.
 * @param engine answers pages that ask for a real one
 */
export async function serveWebview(engine?: Engine): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "backstep-webview-"));
  await build({
    absWorkingDir: repository,
    entryPoints: { main: "webview/main.tsx", page: "test/webview-harness/page.ts" },
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "chrome134",
    jsx: "automatic",
    jsxImportSource: "preact",
    assetNames: "[name]",
    loader: { ".ttf": "file", ".woff2": "file", ".woff": "empty" },
    logLevel: "warning",
  });
  const server = createServer((request, response) => {
    if (engine && request.method === "POST") {
      void answer(engine, request, response);
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const name = path.basename(pathname);
    const from =
      name === "elk-worker.js"
        ? path.join(repository, "node_modules/elkjs/lib/elk-worker.min.js")
        : path.join(folder, name);
    if (name === "") {
      response.setHeader("content-type", "text/html").end(page(searchParams.get("language") ?? "en"));
      return;
    }
    readFile(from).then(
      (data) => response.setHeader("content-type", TYPES[path.extname(name)] ?? "application/octet-stream").end(data),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
