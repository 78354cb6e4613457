import { currentFunctionPart, isGradEnabled, setCurrentFunctionPart, setGradEnabled } from "../context/grad-mode.ts";
import { currentScope, enterScope } from "../context/scope.ts";
import { currentSite, setCurrentSite } from "../context/site.ts";
import { isWidening, setWidening } from "../core/widening.ts";

/**
 * Remembers what the engine knows of the call under way in this thread. User code that is ended in the middle runs none
 * of its `finally` blocks, and what they would have put back is put back by the function that this returns.
 */
export function rememberCallState(): () => void {
  const [grad, scope, site, widening] = [isGradEnabled(), currentScope(), currentSite(), isWidening()];
  const functionPart = currentFunctionPart();
  return () => {
    setGradEnabled(grad);
    setCurrentFunctionPart(functionPart);
    enterScope(scope);
    setCurrentSite(site);
    setWidening(widening);
  };
}
