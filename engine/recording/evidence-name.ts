/** A number that a finding argues from, as words: "updateRatio" → "update ratio". */
export function evidenceName(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`).replace(/^rate$/u, "learning rate");
}
