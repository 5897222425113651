import { type FileHandle, open } from 'node:fs/promises';

const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

/**
 * Writes a stream into a new file, leaving holes where a whole 64 KiB block is zero. Returns the length. `maxBytes` bounds
 * what a hostile archive can make of it; beyond it `tooLarge()` is thrown. The file must not exist.
 */
export async function writeSparse(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    let filled = 0;
    let offset = 0;
    for await (const part of bytes) {
      const chunk = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      if (offset + filled + chunk.length > maxBytes) throw tooLarge();
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(block, filled, at);
        at += taken;
        filled += taken;
        if (filled === blockBytes) {
          await writeBlock(file, block, offset);
          offset += blockBytes;
          filled = 0;
        }
      }
    }
    if (filled > 0) await writeBlock(file, block.subarray(0, filled), offset);
    await file.truncate(offset + filled);
    await file.sync();
    return offset + filled;
  } finally {
    await file.close();
  }
}

async function writeBlock(file: FileHandle, block: Buffer, offset: number): Promise<void> {
  if (block.compare(zeros, 0, block.length) === 0) return;
  let written = 0;
  while (written < block.length) {
    written += (await file.write(block, written, block.length - written, offset + written)).bytesWritten;
  }
}
