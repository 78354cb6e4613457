import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { findChromium } from "../test/e2e/chromium.ts";
import { codeServerFolder, codeServerScript } from "../test/e2e/code-server.ts";
import { pythons } from "../test/pytorch/pythons.ts";
import { inRepository } from "./repository.ts";

/** The embedded VS Code: code-server's version, which carries VS Code of the same minor version. */
const CODE_SERVER = "4.139.1";

/** Something the machine lacks and this program could not get; the message says what to do. */
export class InstallError extends Error {
  override readonly name = "InstallError";
}

/** What an npm that runs this program exports about itself: another npm must not take it for its own. */
const OUTER_NPM =
  /^(npm_(package|lifecycle|config_(user_agent|local_prefix|prefix|global_prefix|node_gyp)|execpath|node_execpath|command)|INIT_CWD$|NODE$)/;

interface Run {
  readonly ok: boolean;
  readonly output: string;
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const inherited = Object.entries(process.env).filter(([name]) => !OUTER_NPM.test(name));
  const env = { ...Object.fromEntries(inherited), ...options.env };
  return new Promise((resolve) => {
    const child = execFile(command, args, { ...options, env, maxBuffer: 1e9 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}${error?.message ?? ""}` });
    });
    child.stdin?.end();
  });
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-25).join("\n");
}

/** The package lists are fetched once per run of this program, and only when something is missing. */
let aptIsFresh = false;

/** Installs those of some Debian packages that are missing; does nothing on another system. */
async function installDebianPackages(packages: readonly string[], purpose: string): Promise<void> {
  if (!existsSync("/usr/bin/dpkg-query")) return;
  const missing: string[] = [];
  for (const name of packages) {
    const { output } = await run("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name]);
    if (!output.startsWith("installed")) missing.push(name);
  }
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0) {
    throw new InstallError(`${purpose} needs Debian packages that are missing. As root, run:\n  ${command}`);
  }
  console.log(`Installing ${missing.join(", ")} for ${purpose} (apt-get) ...`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!aptIsFresh) await run("apt-get", ["update"], { env });
  aptIsFresh = true;
  const { ok, output } = await run("apt-get", ["install", "-y", "--no-install-recommends", ...missing], { env });
  if (!ok) throw new InstallError(`${purpose}: \`${command}\` failed:\n${lastLines(output)}`);
}

/** Installs the embedded VS Code into .vscode-host/, unless it is there. Takes about two minutes. */
export async function installCodeServer(): Promise<void> {
  const manifest = path.join(codeServerFolder, "node_modules", "code-server", "package.json");
  if (
    existsSync(codeServerScript) &&
    (JSON.parse(await readFile(manifest, "utf8")) as { version: string }).version === CODE_SERVER
  ) {
    return;
  }
  const purpose = `the embedded VS Code (code-server ${CODE_SERVER})`;
  // code-server builds native modules; kerberos among them fails without its headers, and with it the installation.
  await installDebianPackages(["libkrb5-dev", "gcc", "g++", "make", "python3"], purpose);
  console.log(`Installing ${purpose} into .vscode-host/, about two minutes ...`);
  await mkdir(codeServerFolder, { recursive: true });
  await writeFile(
    path.join(codeServerFolder, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: { "code-server": CODE_SERVER },
      // Newer npm runs the install scripts of approved packages only.
      allowScripts: { "code-server": true, argon2: true },
    }),
  );
  const nodePackage = nodePackageFolder();
  const { ok, output } = await run("npm", ["install", "--no-audit", "--no-fund", "--foreground-scripts"], {
    cwd: codeServerFolder,
    env: {
      // npm must run on this Node: code-server's install script reads its version from npm's user agent.
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env["PATH"] ?? ""}`,
      ...(nodePackage === null ? {} : { npm_config_nodedir: nodePackage }),
      npm_config_ignore_scripts: "false",
    },
  });
  if (ok && existsSync(codeServerScript)) return;
  throw new InstallError(
    `${purpose} could not be installed; \`npm install\` in .vscode-host/code-server said:\n${lastLines(output)}\n` +
      "Instead, install VS Code with its `code` command on the PATH: `npm start` then uses it.",
  );
}

/** The npm package that this Node came in: it has the headers that native modules are built with. */
function nodePackageFolder(): string | null {
  const folders = [
    inRepository("node_modules", "node", "node_modules", `node-${process.platform}-${process.arch}`),
    inRepository("node_modules", `node-${process.platform}-${process.arch}`),
  ];
  return folders.find((folder) => existsSync(path.join(folder, "include"))) ?? null;
}

/** Installs Chromium and a font for the browser tests, unless they are there. */
export async function installBrowser(): Promise<void> {
  if (findChromium() === null) await installDebianPackages(["chromium", "fonts-dejavu-core"], "the browser tests");
  if (findChromium() !== null) return;
  throw new InstallError(
    "The browser tests need Chromium. Install it (on Debian: apt-get install chromium), or set CHROMIUM to its path.",
  );
}

/** Installs Debian's PyTorch for the tests of Python scripts, unless BACKSTEP_PYTHONS names others. */
export async function installTorch(): Promise<void> {
  if (process.env["BACKSTEP_PYTHONS"] === undefined) {
    await installDebianPackages(["python3-torch"], "the tests of PyTorch scripts");
  }
  if (pythons.length > 0) return;
  throw new InstallError(
    "The tests of PyTorch scripts need a Python with torch. Set BACKSTEP_PYTHONS to its path, or several, with : between.",
  );
}

/** Installs the TensorFlow.js of the tests into test/tfjs/, unless it is there as its lock says. */
export async function installTfjs(): Promise<void> {
  const folder = inRepository("test", "tfjs");
  const wanted = await readFile(path.join(folder, "package-lock.json"), "utf8");
  const marker = path.join(folder, "node_modules", ".backstep-lock.json");
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return;
  console.log("Installing TensorFlow.js for its tests into test/tfjs/, about half a minute ...");
  const { ok, output } = await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
  if (!ok)
    throw new InstallError(
      `TensorFlow.js could not be installed; \`npm ci\` in test/tfjs/ said:\n${lastLines(output)}`,
    );
  await writeFile(marker, wanted);
}
