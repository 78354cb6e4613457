import { RANK_RULES } from "../recording/ranks/rank-rules.ts";
import { RULES } from "./rules.ts";

/** The page of the documentation that lists every kind of fault, from the rules' own records. */
export function findingsPage(): string {
  const entries = [...RULES, ...RANK_RULES].map(
    ({ name, severity, title, looksAt, threshold, source, why, fix, ...rule }) => `## ${name}

${sentence(title)} (${severity}${"after" in rule ? ", unless something that is certain explains it" : ""})

- Looks at: ${looksAt}.
- Speaks when: ${threshold}.
- Why it is a fault: ${why}
- What to do: ${fix}
- Source: ${source}.
`,
  );
  return `# Findings

What \`backstep diagnose FILE\` looks for: faults of a training whose gradients are all right. Each entry is the record of
a rule in \`engine/training/findings\`, or, for a training on several ranks, in \`engine/recording/ranks\`; this page is written from them by \`node scripts/write-findings.ts\`.

${entries.join("\n")}`;
}

/** Begins with a capital, unless with the name of a function. */
function sentence(text: string): string {
  const [first = ""] = text.split(" ", 1);
  return /[A-Z]/u.test(first) ? text : `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
