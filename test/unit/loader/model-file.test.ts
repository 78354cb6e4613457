import assert from "node:assert/strict";
import { isModelSource } from "../../../engine/protocol/model-file.ts";

describe("a source imports backstep or TensorFlow.js", () => {
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
  const doesTfjs = [
    `import * as tf from "@tensorflow/tfjs";`,
    `const tf = require('@tensorflow/tfjs-node');`,
    `import { grad } from "@tensorflow/tfjs-core";`,
  ];
  const doesNot = [
    `// import * as tf from "@tensorflow/tfjs";`,
    `import x from "@tensorflow/tfjs/dist/index";`,
    `import x from "@tensorflow-models/mobilenet";`,
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
  for (const source of [...does, ...doesTfjs])
    it(`with ${JSON.stringify(source)}`, () => assert.ok(isModelSource(source)));
  for (const source of doesNot) it(`not with ${JSON.stringify(source)}`, () => assert.ok(!isModelSource(source)));
});
