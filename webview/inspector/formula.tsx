import katex from "katex";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { lightNodes } from "../state/lighting.ts";

/** The only command that may write attributes: it marks the terms that stand for nodes. */
const TRUSTED = "\\htmlData";

/**
 * A formula set by KaTeX. What it returns is its own escaped markup; TeX that it cannot read is shown as text. Terms that stand
 * for a node light it up when they are pointed at.
 */
export function Formula({ tex }: { readonly tex: string }) {
  const html = useMemo(() => {
    try {
      return katex.renderToString(tex, {
        throwOnError: true,
        output: "htmlAndMathml",
        trust: ({ command }) => command === TRUSTED,
        strict: "ignore",
      });
    } catch {
      return null;
    }
  }, [tex]);
  // What is not there any more is not pointed at.
  useEffect(() => () => lightNodes([]), [tex]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    // What is wider than its place is scrolled, by keys as well.
    const watch = new ResizeObserver(() => {
      if (at.scrollWidth > at.clientWidth) at.tabIndex = 0;
      else at.removeAttribute("tabindex");
    });
    watch.observe(at);
    return () => watch.disconnect();
  }, [html]);
  if (html === null) return <code>{tex}</code>;
  return (
    <div
      ref={box}
      class="formula"
      onMouseOver={({ target }) => lightNodes(nodesAt(target))}
      onMouseLeave={() => lightNodes([])}
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}

function nodesAt(target: EventTarget | null): readonly number[] {
  const term = target instanceof Element ? target.closest<HTMLElement>("[data-node]") : null;
  return term ? [Number(term.dataset["node"])] : [];
}
