import type { Site } from "../../engine/protocol/site.ts";
import { openSite } from "../state/host.ts";
import { fileName } from "../ui/format.ts";

/** A line of the program's, which opens in the editor. */
export function Place({ site }: { readonly site: Site }) {
  return (
    <button type="button" class="link" title={site.file} onClick={() => void openSite(site)}>
      {fileName(site.file)}:{site.line}
    </button>
  );
}
