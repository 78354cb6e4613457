import { execFile } from "node:child_process";
import { readdirSync, realpathSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** A Python that somebody may want to run scripts with. */
export interface KnownPython {
  readonly executable: string;
  /** The version of its torch, "2.6.0"; null where it has none, or does not say so within {@link LONGEST_MS}. */
  readonly torch: string | null;
}

const LONGEST_MS = 10_000;
/** It reads what pip has installed, and imports nothing: importing torch takes seconds. */
const ASK_FOR_TORCH = "import importlib.metadata; print(importlib.metadata.version('torch'))";

const IS_WINDOWS = process.platform === "win32";
const NAMES = IS_WINDOWS ? ["python.exe", "python3.exe"] : ["python3", "python"];
/** Where an environment has its programs, from its own folder. */
const PROGRAMS = IS_WINDOWS ? ["Scripts", "."] : ["bin"];
/** Environments of a project, in its folder or one above it. */
const OF_PROJECT = [".venv", "venv", "env", ".env"];
/** Installations of conda in the home folder: each is an environment, and holds others. */
const CONDAS = ["miniconda3", "anaconda3", "miniforge3", "mambaforge", ".conda"];
/** Folders of environments in the home folder. */
const OF_HOME = [
  ...CONDAS.map((conda) => path.join(conda, "envs")),
  path.join(".pyenv", "versions"),
  ".virtualenvs",
  path.join(".local", "share", "virtualenvs"),
];

export interface Surroundings {
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * The Pythons that are found from a folder: its environments and those above it, those that are active, those of conda and pyenv
 * in the home folder, and those on the PATH. Those with torch come first.
 */
export async function knownPythons(
  folder: string,
  { home, variables }: Surroundings = { home: homedir(), variables: process.env },
): Promise<readonly KnownPython[]> {
  const environments = [
    ...foldersAbove(folder).flatMap((at) => OF_PROJECT.map((name) => path.join(at, name))),
    ...[variables["VIRTUAL_ENV"], variables["CONDA_PREFIX"]].filter((at) => at !== undefined),
    ...CONDAS.map((conda) => path.join(home, conda)),
    ...OF_HOME.flatMap((of) => entriesOf(path.join(home, of))),
  ];
  const programs = [
    ...environments.flatMap((at) => PROGRAMS.map((name) => path.join(at, name))),
    ...(variables["PATH"] ?? "").split(path.delimiter).filter((at) => at !== ""),
  ];
  const found = programs.map(pythonIn).filter((executable) => executable !== null);
  const pythons = await Promise.all(
    [...new Set(found)].map(async (executable) => ({ executable, torch: await torchOf(executable) })),
  );
  return [...pythons.filter(({ torch }) => torch !== null), ...pythons.filter(({ torch }) => torch === null)];
}

function foldersAbove(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/**
 * The Python of a folder of programs. The folder is told by its real name, since `/bin` is often `/usr/bin`; the program is not,
 * since that of an environment is a link to the one that it was made with.
 */
function pythonIn(folder: string): string | null {
  for (const name of NAMES) {
    try {
      if (statSync(path.join(folder, name)).isFile()) return path.join(realpathSync(folder), name);
    } catch {
      // There is none, or the folder may not be read: the others count.
    }
  }
  return null;
}

async function torchOf(executable: string): Promise<string | null> {
  try {
    // Not in the project's folder, whose modules Python would find before its own.
    const options = { cwd: tmpdir(), timeout: LONGEST_MS, windowsHide: true };
    const { stdout } = await promisify(execFile)(executable, ["-c", ASK_FOR_TORCH], options);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
