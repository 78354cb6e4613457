import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

/** Builds the webview with the synthetic engine into a temporary folder, and serves it on a port of its own. */
export async function serveWebview(): Promise<{ readonly url: string; close(): Promise<void> }> {
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
