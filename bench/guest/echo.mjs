import net from 'node:net';
import { pause, until } from '../statistics.mjs';
import { openWebSocket } from './web-socket.mjs';

/**
 * Types at a guest's shell, one key after the other, and takes the time until each comes back. Rejects when one does not.
 * @param {(onData: (data: Buffer) => void) => Promise<{ send(text: string): void, close(): void }>} open
 * @param {number} keys
 */
async function echoTimesMs(open, keys) {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  let seen = '';
  let expected = '';
  let arrived;
  const line = await open((data) => {
    seen += data.toString('latin1');
    if (expected !== '' && seen.includes(expected)) {
      expected = '';
      arrived?.(performance.now());
    }
  });
  const key = async (text, echo) => {
    seen = '';
    expected = echo;
    const sentAt = performance.now();
    const back = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the guest did not echo ${JSON.stringify(text)}`)), 10_000);
      arrived = (at) => {
        clearTimeout(timer);
        resolve(at);
      };
    });
    line.send(text);
    return (await back) - sentAt;
  };
  try {
    await key('\r', '# ');
    const times = [];
    for (let i = 0; i < keys; i++) {
      // A short line: the shell draws a long one anew when it reaches the border. Ctrl-C gives a new prompt.
      if (i > 0 && i % 40 === 0) await key('\u0003', '# ');
      const letter = letters[i % letters.length];
      times.push(await key(letter, letter));
      await pause(5);
    }
    await key('\u0003', '# ');
    return times;
  } finally {
    line.close();
  }
}

/** @param {import('../api/credentials.mjs').Credentials} credentials @param {string} path @param {number} keys */
export const echoThroughApi = (credentials, path, keys) =>
  echoTimesMs((onData) => openWebSocket(credentials, path, 'plain.kubevirt.io', onData), keys);

/** @param {string} socketPath @param {number} keys */
export const echoThroughSocket = (socketPath, keys) =>
  echoTimesMs(async (onData) => {
    const socket = net.connect(socketPath);
    await until(`a connection to ${socketPath}`, () => !socket.connecting);
    socket.on('data', onData);
    return { send: (text) => socket.write(text), close: () => socket.destroy() };
  }, keys);
