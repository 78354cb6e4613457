import { RULES } from "./rules.ts";

/** The page of the documentation that lists every kind of fault, from the rules' own records. */
export function findingsPage(): string {
  const entries = RULES.map(
    ({ name, severity, title, looksAt, threshold, source, why, fix, after }) => `## ${name}

${sentence(title)} (${severity}${after ? ", unless something that is certain explains it" : ""})

- Looks at: ${looksAt}.
- Speaks when: ${threshold}.
- Why it is a fault: ${why}
- What to do: ${fix}
- Source: ${source}.
`,
  );
  return `# Findings

What \`backstep diagnose FILE\` looks for: faults of a training whose gradients are all right. Each entry is the record of
a rule in \`engine/training/findings\`; this page is written from them by \`node scripts/write-findings.ts\`.

${entries.join("\n")}`;
}

/** Begins with a capital, unless with the name of a function. */
function sentence(text: string): string {
  const [first = ""] = text.split(" ", 1);
  return /[A-Z]/u.test(first) ? text : `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
