import { pageSize } from "../state/ui.ts";

/** Follows the size of the page, which decides how the panes share it. */
export function measurePage(): void {
  const measure = (): void => {
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    pageSize.value = { width, height };
  };
  measure();
  addEventListener("resize", measure);
}
