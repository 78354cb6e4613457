/** What model files see as `data`. */
export { DataLoader, type DataLoaderOptions } from "./data-loader.ts";
export { randomSplit, Subset, TensorDataset, type Dataset } from "./dataset.ts";
export { readCsv, Table, type CsvOptions } from "./csv.ts";
export { digits, type DigitsOptions, type LabelledImages } from "./digits.ts";
export { mnist, readIdx } from "./idx.ts";
export { moons, spirals, type LabelledPoints, type PointsOptions } from "./moons.ts";
export { readNpy, writeNpy } from "./npy.ts";
export { RandomStream } from "./random-stream.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
