import katex from "katex";
import { useMemo } from "preact/hooks";

/** A formula set by KaTeX. What it returns is its own escaped markup; TeX that it cannot read is shown as text. */
export function Formula({ tex }: { readonly tex: string }) {
  const html = useMemo(() => {
    try {
      return katex.renderToString(tex, { throwOnError: true, output: "htmlAndMathml", trust: false, strict: "ignore" });
    } catch {
      return null;
    }
  }, [tex]);
  if (html === null) return <code>{tex}</code>;
  return <div class="formula" dangerouslySetInnerHTML={{ __html: html }} />;
}
