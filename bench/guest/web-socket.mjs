// As much of RFC 6455 as a console needs: binary frames of less than 64 KiB, masked on the way out.
import { randomBytes } from 'node:crypto';
import https from 'node:https';

/**
 * @param {import('../api/credentials.mjs').Credentials} credentials
 * @param {string} path
 * @param {string} protocol
 * @param {(data: Buffer) => void} onData
 */
export async function openWebSocket({ server, ca, cert, key }, path, protocol, onData) {
  const url = new URL(path, server);
  const socket = await new Promise((resolve, reject) => {
    const request = https.request(url, {
      ca,
      cert,
      key,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-protocol': protocol,
      },
    });
    request.on('upgrade', (_response, upgraded, head) => {
      if (head.length > 0) upgraded.unshift(head);
      resolve(upgraded);
    });
    request.on('response', (response) => reject(new Error(`${path} answered ${response.statusCode} to the upgrade`)));
    request.on('error', reject);
    request.end();
  });
  socket.setNoDelay(true);
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = nextFrame(pending); frame; frame = nextFrame(pending)) {
      pending = pending.subarray(frame.end);
      if (frame.opcode <= 2) onData(frame.payload);
    }
  });
  return {
    /** @param {string | Buffer} text */
    send: (text) => socket.write(maskedFrame(2, Buffer.from(text))),
    close() {
      socket.write(maskedFrame(8, Buffer.from([0x03, 0xe8])));
      socket.destroySoon();
    },
  };
}

function nextFrame(data) {
  if (data.length < 2) return undefined;
  const short = data[1] & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < start) return undefined;
  const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
  if (data.length < start + length) return undefined;
  return { opcode: data[0] & 0x0f, payload: data.subarray(start, start + length), end: start + length };
}

function maskedFrame(opcode, payload) {
  const mask = randomBytes(4);
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length]) : Buffer.alloc(4);
  if (payload.length >= 126) {
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}
