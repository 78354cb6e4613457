// The one entry point of every npm script: `node scripts/run.mjs TASK [arguments]`. It needs nothing but Node 20 and
// npm: it installs the dependencies when they are missing or not those of the lock file, and then runs the task's
// TypeScript with the Node 24 that is one of them. It therefore stays plain JavaScript without imports of its own.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";

/** Where each task lives. */
const tasks = {
  build: "scripts/build.ts",
  start: "scripts/start.ts",
  test: "scripts/test.ts",
  package: "scripts/package.ts",
  look: "scripts/look.ts",
  bench: "test/bench/main.ts",
  fuzz: "test/fuzz/main.ts",
  hostile: "test/hostile/main.ts",
  soak: "test/soak/main.ts",
  examples: "test/examples/main.ts",
  prettier: "node_modules/prettier/bin/prettier.cjs",
};

/** Tasks that run what is in dist/, and do not build it themselves. */
const onBuilt = ["bench", "fuzz", "hostile", "soak", "examples"];

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** The lock file of the repository, or the record npm keeps of what it installed. */
function readLock(file) {
  return JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
}

/** True when node_modules holds what package-lock.json asks for; packages for other platforms may be missing. */
function isInstalled() {
  if (!existsSync(path.join(root, "node_modules/.package-lock.json"))) return false;
  const installed = readLock("node_modules/.package-lock.json");
  return Object.entries(readLock("package-lock.json")).every(
    ([folder, wanted]) =>
      !folder.startsWith("node_modules/") ||
      wanted.optional === true ||
      (wanted.link === true
        ? lstatSync(path.join(root, folder), { throwIfNoEntry: false }) !== undefined
        : installed[folder]?.version === wanted.version),
  );
}

function npm(...args) {
  const npmScript = process.env.npm_execpath;
  const [command, prefix] = npmScript?.endsWith(".js") ? [process.execPath, [npmScript]] : ["npm", []];
  return spawnSync(command, [...prefix, ...args], {
    cwd: root,
    stdio: "inherit",
    shell: windows && command === "npm",
  });
}

const nodeOfProject = path.join(root, "node_modules/node/bin", windows ? "node.exe" : "node");

function nodeWorks() {
  const wanted = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies.node;
  return spawnSync(nodeOfProject, ["--version"], { encoding: "utf8" }).stdout?.trim() === `v${wanted}`;
}

function install() {
  if (!isInstalled()) {
    console.log("Installing the dependencies (npm ci), about a minute the first time ...");
    const result = npm("ci", "--no-audit", "--no-fund", "--loglevel=error");
    if (result.error) fail(`npm could not be started: ${result.error.message}. Install npm, which comes with Node.`);
    if (result.status !== 0) fail("`npm ci` failed, see above. Once that is mended, run this command again.");
  }
  if (nodeWorks()) return;
  // The `node` package fetches its binary in an install script, which a user's npm settings may have kept from running.
  console.log("Fetching Node 24 (npm rebuild node) ...");
  npm("rebuild", "node", "esbuild", "--ignore-scripts=false", "--foreground-scripts", "--loglevel=error");
  if (!nodeWorks()) {
    fail(
      "Node 24 could not be installed: the install script of the npm package `node` did not run or found no network.\n" +
        "Allow it (`npm install-scripts approve node`, or `ignore-scripts=false` in your .npmrc) and run this again.",
    );
  }
}

const [task = "", ...args] = process.argv.slice(2);
const script = tasks[task];
if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node 20 or newer is needed; this is ${process.version}.`);
if (script === undefined) fail(`No such task: "${task}". There are: ${Object.keys(tasks).join(", ")}.`);
install();
if (!existsSync(path.join(root, script))) fail(`${script} is missing from this copy of the repository.`);

const pathKey = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
const toolFolders = [path.dirname(nodeOfProject), path.join(root, "node_modules/.bin")];
const options = {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, [pathKey]: [...toolFolders, process.env[pathKey] ?? ""].join(path.delimiter) },
};

if (onBuilt.includes(task)) {
  const { status } = spawnSync(nodeOfProject, [path.join(root, tasks.build)], options);
  if (status !== 0) fail("The build failed, see above.");
}
const child = spawn(nodeOfProject, [path.join(root, script), ...args], options);
// A Ctrl-C reaches the child by itself; it is the child that cleans up and decides when to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
child.on("error", (error) => fail(`Could not run ${script}: ${error.message}`));
