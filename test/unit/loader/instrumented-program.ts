import { compileFunction } from "node:vm";
import ts from "typescript";
import { currentSite } from "../../../engine/context/site.ts";
import type { CompiledModule } from "../../../engine/session/loader/compiled-module.ts";
import { provideGlobals } from "../../../engine/session/loader/runtime-globals.ts";
import { compileModule } from "../../../engine/session/loader/transform.ts";

provideGlobals();

/** One line for each thing that a program did, in order. */
export type Log = readonly string[];

export interface Program {
  readonly source: string;
  readonly compiled: CompiledModule;
}

/** Compiles the body of an async function that gets `env`'s names as its variables. */
export function compileBody(body: string, instrument: boolean, names: readonly string[]): Program {
  const source = `export async function run({ ${names.join(", ")} }: any) {\n${body}\n}\n`;
  const compiled = compileModule(ts, source, "program.cts", { instrument, packageType: "commonjs" });
  return { source, compiled };
}

/**
 * Runs a body and logs its calls of the environment's functions: what was called, with how many arguments, and, when
 * the body is instrumented, what the site of the call points at.
 */
export async function runBody(body: string, instrument: boolean): Promise<Log> {
  const log: string[] = [];
  const called = (name: string, args: readonly unknown[]): void => {
    const at = instrument ? ` at ${textAt(program, currentSite())}` : "";
    log.push(`${name}/${args.length}${at}`);
  };
  const environment = makeEnvironment(called, log);
  const program = compileBody(body, instrument, Object.keys(environment));
  try {
    const result = await evaluate(program)(environment);
    log.push(`returned ${String(result)}`);
  } catch (error) {
    log.push(`threw ${String(error)}`);
  }
  return log;
}

function evaluate({ compiled }: Program): (environment: object) => Promise<unknown> {
  const exports: { run?: (environment: object) => Promise<unknown> } = {};
  const require = (): object => ({});
  const parameters = ["exports", "require", "module"];
  compileFunction(compiled.code, parameters)(exports, require, { exports });
  return exports.run!;
}

/** The word that a site starts at, quotes aside. */
export function textAt({ source, compiled }: Program, site: number): string {
  const range = compiled.sites[site]?.range;
  if (range === undefined) return "nothing";
  const line = source.split("\n")[range[0] - 1]!;
  return /^[\w$#]+|^./.exec(line.slice(range[1] - 1).replace(/^"/, ""))![0];
}

function makeEnvironment(called: (name: string, args: readonly unknown[]) => void, log: string[]): object {
  class Value {
    constructor(...args: unknown[]) {
      if (new.target === K) called("new", args);
    }
    a(...args: unknown[]): this {
      called("a", args);
      return this;
    }
    b(...args: unknown[]): this {
      called("b", args);
      return this;
    }
    get part(): this {
      return this;
    }
    toString(): string {
      return "value";
    }
  }
  class K extends Value {}
  const v = new Value();
  return {
    v,
    u: undefined,
    K,
    f: (...args: unknown[]) => {
      called("f", args);
      return v;
    },
    g: (...args: unknown[]) => {
      called("g", args);
      return v;
    },
    tag: (strings: TemplateStringsArray, ...args: unknown[]) => {
      called("tag", [strings, ...args]);
      return v;
    },
    log: (text: unknown) => void log.push(String(text)),
  };
}
