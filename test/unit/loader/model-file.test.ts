import assert from "node:assert/strict";
import { importsBackstep } from "../../../engine/protocol/model-file.ts";

describe("a source imports backstep", () => {
  const does = [
    `import { tensor } from "backstep";`,
    `import{tensor}from'backstep'`,
    `import "backstep";`,
    `import type { Tensor } from "backstep";`,
    `import * as b\n  from "backstep"`,
    `export * from "backstep";`,
    `const { tensor } = await import("backstep");`,
    `const { tensor } = require( 'backstep' );`,
    `import b = require("backstep");`,
    `const s = "// not a comment"; import "backstep";`,
    "const s = `/* not a comment`; import 'backstep';",
    `/* first */ import x from "y"; // second\nimport { z } from "backstep" // third`,
  ];
  const doesNot = [
    "",
    `// import { tensor } from "backstep";`,
    `/*\nimport { tensor } from "backstep";\n*/`,
    `const s = 'import { tensor } from "backstep"';`,
    'const s = `import { tensor } from "backstep"`;',
    `import { x } from "./backstep";`,
    `import { x } from "backstep/more";`,
    `import { x } from "backsteps";`,
    `console.log("backstep");`,
    `loader.require("backstep");`,
    `const from = "backstep";`,
  ];
  for (const source of does) it(`with ${JSON.stringify(source)}`, () => assert.ok(importsBackstep(source)));
  for (const source of doesNot) it(`not with ${JSON.stringify(source)}`, () => assert.ok(!importsBackstep(source)));
});
