import type { Spelling } from "../causes/spelling.ts";

/** Python's text of an expression, and how closely it binds. */
interface Written {
  readonly text: string;
  readonly binding: number;
  /** What it is the negative of, where it is one: people write 1 - y for -y + 1. */
  readonly negativeOf?: Written;
}

const SUM = 1;
const PRODUCT = 2;
const SIGN = 3;
const POWER = 4;
const CALL = 5;

/** Methods that people write as operators. */
const OPERATORS: Readonly<Record<string, readonly [sign: string, binding: number]>> = {
  add: ["+", SUM],
  sub: ["-", SUM],
  mul: ["*", PRODUCT],
  div: ["/", PRODUCT],
  matmul: ["@", PRODUCT],
};
const WORDS: Readonly<Record<string, string>> = { true: "True", false: "False", null: "None" };
/** Methods whose last argument is a flag that has a name. */
const KEEPS_AXES = /^(?:sum|mean|amax|amin|prod)$/u;

/** Suggestions as they are written in Python: `grad * y.exp()` for `grad.mul(y.exp())`. */
export const PYTHON_SPELLING: Spelling = {
  code: inPython,
  appended(chain, operand) {
    const [, name, argument] = /^\.(\w+)\(([^()]*)\)$/u.exec(chain) ?? [];
    if (name === "neg") return `negate what backward returns for ${operand}`;
    if (name === "mul") return `multiply what backward returns for ${operand} by ${argument}`;
    if (name === "div") return `divide what backward returns for ${operand} by ${argument}`;
    return null;
  },
  nothing: "None",
  surrogate: "surrogate = True in its class",
};

/** The expression, or a chain of calls to append, as Python writes it; as it is where that is not known. */
export function inPython(expression: string): string {
  try {
    if (!expression.startsWith(".")) return new Reader(expression).all().text;
    return new Reader(`_${expression}`, true).all().text.slice(1);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return expression;
  }
}

/** Reads an expression from left to right. */
class Reader {
  readonly #tokens: readonly string[];
  readonly #keepsCalls: boolean;
  #at = 0;

  /** @param keepsCalls whether methods stay methods, because they are to be appended */
  constructor(text: string, keepsCalls = false) {
    this.#tokens = text.match(/\d+(?:\.\d+)?(?:e[-+]?\d+)?|[\p{L}_][\p{L}\p{N}_]*|\S/gu) ?? [];
    this.#keepsCalls = keepsCalls;
  }

  all(): Written {
    const read = this.#sum();
    if (this.#at < this.#tokens.length) throw new SyntaxError("there is more");
    return read;
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new SyntaxError(`${token} is missing`);
  }

  #sum(): Written {
    let left = this.#product();
    for (;;) {
      const sign = ["+", "-"].find((one) => this.#takes(one));
      if (sign === undefined) return left;
      left = operation(left, sign, this.#product(), SUM);
    }
  }

  #product(): Written {
    let left = this.#signed();
    for (;;) {
      const sign = ["*", "/"].find((one) => this.#takes(one));
      if (sign === undefined) return left;
      left = operation(left, sign, this.#signed(), PRODUCT);
    }
  }

  #signed(): Written {
    return this.#takes("-") ? negative(this.#signed()) : this.#postfix();
  }

  #postfix(): Written {
    let left = this.#primary();
    for (;;) {
      if (this.#takes("[")) {
        left = { text: `${inside(left, CALL)}[${this.#list("]").join(", ")}]`, binding: CALL };
      } else if (this.#takes(".")) {
        const name = this.#tokens[this.#at++] ?? "";
        if (!/^[\p{L}_]/u.test(name)) throw new SyntaxError("a name is missing");
        left = this.#takes("(") ? this.#call(left, name) : { text: `${inside(left, CALL)}.${name}`, binding: CALL };
      } else return left;
    }
  }

  #call(left: Written, name: string): Written {
    const start = this.#at;
    const operator = this.#keepsCalls ? undefined : OPERATORS[name];
    if (operator && !this.#takes(")")) {
      const right = this.#sum();
      if (this.#takes(")")) {
        const { negativeOf } = left;
        if (name === "add" && negativeOf) return operation(right, "-", negativeOf, SUM);
        return operation(left, operator[0], right, operator[1]);
      }
      this.#at = start;
    }
    const given = this.#list(")");
    if (left.text === "Math" && name === "sqrt") return { text: `${given.join("")} ** 0.5`, binding: POWER };
    if (!this.#keepsCalls && given.length === 0 && name === "neg") return negative(left);
    if (!this.#keepsCalls && given.length === 0 && name === "square") {
      return { text: `${inside(left, CALL)} ** 2`, binding: POWER };
    }
    if (given.length === 0 && name === "t") return { text: `${inside(left, CALL)}.T`, binding: CALL };
    if (KEEPS_AXES.test(name) && given.length === 2 && given[1] === "True") given[1] = "keepdim=True";
    return { text: `${inside(left, CALL)}.${underscored(name)}(${given.join(", ")})`, binding: CALL };
  }

  #list(end: string): string[] {
    const found: string[] = [];
    if (this.#takes(end)) return found;
    do found.push(this.#sum().text);
    while (this.#takes(","));
    this.#expect(end);
    return found;
  }

  #primary(): Written {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SyntaxError("an operand is missing");
    if (token === "(") {
      const within = this.#sum();
      this.#expect(")");
      return within;
    }
    if (token === "[") return { text: `[${this.#list("]").join(", ")}]`, binding: CALL };
    if (!/^[\p{L}\p{N}_]/u.test(token)) throw new SyntaxError(`${token} is no operand`);
    return { text: WORDS[token] ?? token, binding: CALL };
  }
}

function operation(left: Written, sign: string, right: Written, binding: number): Written {
  // What is subtracted and divided by is not regrouped; the others may be, but then round otherwise.
  return { text: `${inside(left, binding)} ${sign} ${inside(right, binding + 1)}`, binding };
}

function negative(of: Written): Written {
  return { text: `-${inside(of, POWER)}`, binding: SIGN, negativeOf: of };
}

function inside({ text, binding }: Written, least: number): string {
  return binding < least ? `(${text})` : text;
}

function underscored(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
