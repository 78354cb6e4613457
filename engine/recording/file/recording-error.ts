/** Says what is wrong with a recording: every fault of a file comes as one, whatever its bytes are. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}
