/** Canvases beyond this are refused by browsers. */
const MOST_PIXELS = 120_000_000;
const LONGEST_SIDE = 16_000;

/** The drawing as a PNG of twice its size, or as large as a browser can make it. */
export async function drawingPng(svg: string, width: number, height: number): Promise<Uint8Array> {
  const scale = Math.min(2, LONGEST_SIDE / width, LONGEST_SIDE / height, Math.sqrt(MOST_PIXELS / (width * height)));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("the picture is too large");
  return new Uint8Array(await blob.arrayBuffer());
}
