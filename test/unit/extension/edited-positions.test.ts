import assert from "node:assert/strict";
import fc from "fast-check";
import { EditedPositions } from "../../../extension/editor/edited-positions.ts";

const at = (line: number, character: number): { line: number; character: number } => ({ line, character });

function after(...edits: [start: [number, number], end: [number, number], text: string][]): EditedPositions {
  const positions = new EditedPositions();
  for (const [start, end, text] of edits) positions.add({ start: at(...start), end: at(...end), text });
  return positions;
}

describe("places of an edited text", () => {
  it("stay where they are before the edit", () => {
    assert.deepEqual(after([[3, 0], [3, 0], "new\n"]).toCurrent(at(2, 9)), at(2, 9));
  });

  it("move down when lines are inserted above", () => {
    assert.deepEqual(after([[3, 0], [3, 0], "new\nlines\n"]).toCurrent(at(5, 4)), at(7, 4));
  });

  it("move along when text is inserted on their line", () => {
    assert.deepEqual(after([[5, 2], [5, 2], "abc"]).toCurrent(at(5, 4)), at(5, 7));
  });

  it("move up when lines above are deleted", () => {
    assert.deepEqual(after([[1, 0], [3, 0], ""]).toCurrent(at(5, 4)), at(3, 4));
  });

  it("are lost when what stood there is replaced", () => {
    assert.equal(after([[5, 0], [5, 9], "other"]).toCurrent(at(5, 4)), null);
  });

  it("do not grow at their end when somebody types there", () => {
    assert.deepEqual(after([[5, 9], [5, 9], ".mul(2)"]).toCurrent(at(5, 9), "end"), at(5, 9));
    assert.deepEqual(after([[5, 9], [5, 9], ".mul(2)"]).toCurrent(at(5, 9), "start"), at(5, 16));
  });

  it("of typed text have no original", () => {
    assert.equal(after([[5, 2], [5, 2], "abc"]).toOriginal(at(5, 3)), null);
  });

  it("come back to themselves there and back, wherever they survive", () => {
    const position = fc.record({ line: fc.nat(20), character: fc.nat(30) }, { noNullPrototype: true });
    const edit = fc
      .record({
        start: position,
        lines: fc.nat(3),
        characters: fc.nat(10),
        text: fc.constantFrom("", "x", "ab\ncd", "\n\n"),
      })
      .map(({ start, lines, characters, text }) => ({
        start,
        end: { line: start.line + lines, character: lines === 0 ? start.character + characters : characters },
        text,
      }));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), position, (edits, place) => {
        const positions = new EditedPositions();
        for (const one of edits) positions.add(one);
        const current = positions.toCurrent(place);
        if (current) assert.deepEqual(positions.toOriginal(current), place);
      }),
    );
  });
});
