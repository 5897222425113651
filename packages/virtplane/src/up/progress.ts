/** One line a step on stderr; on a terminal a step under way shows its clock and, where known, a bar. */
export class Progress {
  private readonly stream = process.stderr;
  private timer: NodeJS.Timeout | undefined;

  /** Runs one step. The line it returns stands behind the check mark; a failure is the caller's to print. */
  async step(
    what: string,
    body: (update: (fraction: number, note?: string) => void) => Promise<string>,
  ): Promise<void> {
    const startedAt = Date.now();
    let fraction: number | undefined;
    let note = '';
    const seconds = (): string => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
    const draw = (): void => {
      const bar = fraction === undefined ? '' : ` [${'█'.repeat(Math.round(fraction * 20)).padEnd(20, '·')}]`;
      this.stream.write(`\r\x1b[K… ${what}${bar}${note === '' ? '' : ` ${note}`} ${seconds()}`);
    };
    if (this.stream.isTTY) this.timer = setInterval(draw, 100);
    try {
      const line = await body((f, n = '') => {
        fraction = Math.min(1, Math.max(0, f));
        note = n;
      });
      this.clear();
      this.stream.write(`✓ ${line} (${seconds()})\n`);
    } catch (error) {
      this.clear();
      this.stream.write(`✗ ${what}\n`);
      throw error;
    }
  }

  private clear(): void {
    clearInterval(this.timer);
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }
}
