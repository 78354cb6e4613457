/**
 * What an error of JavaScript itself means that was thrown in the engine's own code: the engine was handed something that
 * is not what it looks like, and broke on it. Its words are about our code, so these come in their place.
 * @param stack of the error; null where it cannot be read
 * @param engineFolder URL of the folder that the engine's code lies in
 * @returns null where the program itself threw, or where nothing is known
 */
export function explainOwnError(error: Error, stack: string | null, engineFolder: string): string | null {
  if (!(error instanceof TypeError || error instanceof RangeError)) return null;
  const innermost = /^\s+at (.*)$/mu.exec(stack ?? "")?.[1];
  if (innermost?.includes(engineFolder) !== true) return null;
  const { message } = error;
  if (/private member|does not have private/u.test(message)) {
    return "this is no tensor or module, but something that behaves like one: a Proxy, or an object of another copy";
  }
  if (/read only property|not extensible|Cannot redefine|Cannot delete property/u.test(message)) {
    return "the object is frozen, and a tensor or a module must be able to change; do without Object.freeze here";
  }
  if (/Invalid (?:typed )?array (?:buffer )?length|Array buffer allocation failed/u.test(message)) {
    return "so many elements do not fit into memory";
  }
  if (/Cannot (?:read|set) properties of|is not a function|is not iterable|Cannot convert/u.test(message)) {
    return `an argument is not what this call takes, or this is a fault of Backstep, which broke with "${message}"`;
  }
  return null;
}
