import type { MarkKind } from "../graph/card-model.ts";

/** Outlines of the marks in a 14 × 14 box: each has its own shape, so that colour is never the only carrier. */
export function MarkShape({ kind }: { readonly kind: MarkKind }) {
  switch (kind) {
    case "pass":
      return (
        <>
          <circle cx="7" cy="7" r="5.5" />
          <path d="m4.5 7.2 1.8 1.8 3.3-3.8" />
        </>
      );
    case "fail":
      return (
        <>
          <path class="solid" d="M4.3 1h5.4L13 4.3v5.4L9.7 13H4.3L1 9.7V4.3z" />
          <path class="cut" d="m4.8 4.8 4.4 4.4m0-4.4L4.8 9.2" />
        </>
      );
    case "inconclusive":
      return (
        <>
          <circle cx="7" cy="7" r="5.5" stroke-dasharray="2.3 2" />
          <path d="M5.5 5.6c0-1 .7-1.6 1.5-1.6s1.5.6 1.5 1.4c0 1-1.5 1.2-1.5 2.3" />
          <circle class="solid" cx="7" cy="9.9" r=".8" />
        </>
      );
    case "zero":
      return (
        <>
          <ellipse cx="7" cy="7" rx="3.6" ry="5" />
          <path d="M3 12 11 2" />
        </>
      );
    case "nan":
    case "after":
      return (
        <>
          <path class="solid" d="M7 1.5 13 12.5H1z" />
          <path class="cut" d="M7 5.5v3.2" />
          <circle class="hole" cx="7" cy="10.6" r=".9" />
        </>
      );
    case "none":
      return (
        <>
          <circle cx="7" cy="7" r="5" stroke-dasharray="1.5 2.2" />
          <path d="M3.5 10.5l7-7" />
        </>
      );
  }
}

/** A mark among HTML text. */
export function Mark({ kind, label }: { readonly kind: MarkKind; readonly label?: string }) {
  const named = label === undefined ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label };
  return (
    <svg class={`mark ${kind}`} width="14" height="14" viewBox="0 0 14 14" {...named}>
      <MarkShape kind={kind} />
    </svg>
  );
}
