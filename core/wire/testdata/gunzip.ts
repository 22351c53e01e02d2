/** The bytes of a gzipped file in this folder. */
export async function gunzip(name: string): Promise<Uint8Array> {
  const file = await Deno.open(new URL(name, import.meta.url));
  const stream = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).bytes();
}
