const newline = 0x0a;

/**
 * Lines of a byte stream, decoded as UTF-8 once they are whole: a chunk may end within a line or within a character. A last
 * line without its end is what a broken stream leaves and is dropped. Empty lines are skipped.
 */
export async function* readLines(stream: AsyncIterable<Buffer | string>): AsyncIterable<string> {
  let held: Buffer[] = [];
  for await (const piece of stream) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const rest = chunk.subarray(start, end);
      start = end + 1;
      let line: string;
      if (held.length === 0) line = rest.toString('utf8');
      else {
        held.push(rest);
        line = Buffer.concat(held).toString('utf8');
        held = [];
      }
      if (line !== '' && line !== '\r') yield line;
    }
    if (start < chunk.length) held.push(chunk.subarray(start));
  }
}
