/** What a command of TeX is as a character of Unicode. */
const SYMBOLS: Readonly<Record<string, string>> = {
  odot: "⊙",
  cdot: "·",
  times: "×",
  ast: "∗",
  star: "⋆",
  pm: "±",
  sum: "Σ",
  prod: "Π",
  int: "∫",
  top: "ᵀ",
  exists: "∃",
  forall: "∀",
  bmod: "mod",
  infty: "∞",
  partial: "∂",
  sqrt: "√",
  le: "≤",
  ge: "≥",
  neq: "≠",
  ne: "≠",
  in: "∈",
  neg: "¬",
  wedge: "∧",
  vee: "∨",
  oplus: "⊕",
  to: "→",
  mapsto: "↦",
  langle: "⟨",
  rangle: "⟩",
  lfloor: "⌊",
  rfloor: "⌋",
  lceil: "⌈",
  rceil: "⌉",
  lVert: "‖",
  rVert: "‖",
  Vert: "‖",
  "|": "‖",
  dots: "…",
  ldots: "…",
  cdots: "⋯",
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  varepsilon: "ε",
  lambda: "λ",
  mu: "μ",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
  phi: "φ",
  varphi: "φ",
  Phi: "Φ",
  quad: "  ",
  "{": "{",
  "}": "}",
  "%": "%",
};

/** Marks that combine with the letter before them. */
const ACCENTS: Readonly<Record<string, string>> = { bar: "\u0304", hat: "\u0302", tilde: "\u0303", overline: "\u0305" };

/** Commands whose argument stands as it is. */
const PLAIN = new Set(["text", "operatorname", "mathrm", "mathrel", "mathbf", "mathbb", "mathop"]);

const SUPERSCRIPTS = new Map(zip("0123456789+-=()nijkxyTᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏˣʸᵀᵀ"));
const SUBSCRIPTS = new Map(zip("0123456789+-=()ijknmxaehloprstuv", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₙₘₓₐₑₕₗₒₚᵣₛₜᵤᵥ"));

function zip(from: string, to: string): [string, string][] {
  const there = [...to];
  return [...from].map((character, i) => [character, there[i] ?? character]);
}

/**
 * A formula of an op's record, which is TeX, as a line of text for views that cannot set type: fractions with a stroke,
 * exponents raised where Unicode has them.
 */
export function formulaText(tex: string): string {
  return new Reader(tex)
    .read()
    .replace(/(?<=[\p{L}\p{N})\]])(?=[ΣΠ√])/gu, " ")
    .replace(/ {2,}/g, " ")
    .replaceAll(" ; ", "; ")
    .trim();
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tex: string) {
    this.#tokens = tex.match(/\\[a-zA-Z]+|\\.|[^\\]/gu) ?? [];
  }

  /** Up to the end, or the brace that closes the group. */
  read(): string {
    let text = "";
    while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== "}") text += this.#next();
    return text;
  }

  #next(): string {
    const token = this.#tokens[this.#at++] ?? "";
    if (token === "{") {
      const inner = this.read();
      this.#at++;
      return inner;
    }
    if (token === "^") return raised(this.#argument(), "^", SUPERSCRIPTS);
    if (token === "_") return raised(this.#argument(), "_", SUBSCRIPTS);
    if (token === "*") return "∗";
    if (token === "&") return "";
    if (token === "-") return "−";
    return token.startsWith("\\") ? this.#command(token.slice(1)) : token;
  }

  #command(name: string): string {
    if (name === "frac" || name === "tfrac" || name === "dfrac") {
      return `${grouped(this.#argument())}/${grouped(this.#argument())}`;
    }
    if (name === "sqrt") return `√${grouped(this.#argument())}`;
    const accent = ACCENTS[name];
    if (accent !== undefined) return [...this.#argument()].map((letter) => letter + accent).join("");
    if (PLAIN.has(name)) return this.#argument();
    if (/^[,;:! ]$/.test(name)) return " ";
    // Equations below each other, aligned at "&", follow each other here.
    if (name === "begin" || name === "end") return this.#dropped();
    if (name === "\\") return "; ";
    if (name === "left" || name === "right") return "";
    const symbol = SYMBOLS[name];
    if (symbol !== undefined) return symbol;
    // Functions are called by their names: \log, \exp, \min.
    return /^[\p{L}\p{N}\\]/u.test(this.#tokens[this.#at] ?? "") ? `${name} ` : name;
  }

  #dropped(): string {
    this.#argument();
    return "";
  }

  /** The group, command or character that follows. */
  #argument(): string {
    while (this.#tokens[this.#at] === " ") this.#at++;
    return this.#next().trim();
  }
}

function raised(text: string, sign: "^" | "_", table: ReadonlyMap<string, string>): string {
  if (text === "ᵀ") return text;
  const characters = [...text.replaceAll("−", "-")].map((character) => table.get(character));
  if (characters.every((character) => character !== undefined)) return characters.join("");
  // An index of several letters is one thing: w_cₙ.
  return sign === "_" && /^[\p{L}\p{N}\p{M}]+$/u.test(text) ? `_${text}` : `${sign}${grouped(text)}`;
}

/** In parentheses unless it is one thing by itself. */
function grouped(text: string): string {
  return /^(\p{L}\p{M}*|[\p{Nd}.]+)$/u.test(text) ? text : `(${text})`;
}
