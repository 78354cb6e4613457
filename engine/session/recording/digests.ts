import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Digests } from "../../recording/file/write-recording.ts";

const NAME_LENGTH = 32;

export const digests: Digests = {
  checksum: (piece, before) => crc32(piece, before),
  digest: (content) => {
    const hash = createHash("sha256");
    for (const piece of content.pieces()) hash.update(piece);
    return hash.digest("hex").slice(0, NAME_LENGTH);
  },
};
