// The least client that can put a server under load: Node's own HTTP/1.1 (a connection for each client) and HTTP/2.
import http2 from 'node:http2';
import https from 'node:https';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {number} bytes
 * @property {Buffer | undefined} body
 *
 * @typedef {object} ApiClient
 * @property {(method: string, path: string, body?: Buffer, options?: { contentType?: string, keepBody?: boolean }) => Promise<Answer>} request
 * @property {(method: string, path: string, body?: object, contentType?: string) => Promise<any>} json rejects unless 2xx
 * @property {(path: string, onData: (chunk: Buffer) => void, onEnd: () => void) => () => void} stream returns: end it
 * @property {() => void} close
 */

/**
 * @param {import('./credentials.mjs').Credentials} credentials
 * @param {{ protocol: 'h1' | 'h2', connections: number }} options
 * @returns {ApiClient}
 */
export function createClient(credentials, { protocol, connections }) {
  const { server, ca, cert, key } = credentials;
  const base =
    protocol === 'h1'
      ? http1(new URL(server), { ca, cert, key }, connections)
      : http2Client(server, { ca, cert, key }, connections);
  return {
    ...base,
    async json(method, path, body, contentType) {
      const answer = await base.request(method, path, body && Buffer.from(JSON.stringify(body)), { contentType });
      const text = answer.body?.toString('utf8') ?? '';
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
      return JSON.parse(text);
    },
  };
}

function http1(url, tls, connections) {
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    scheduling: 'fifo',
    ...tls,
  });
  const open = (method, path, headers, onResponse, onError, body) => {
    const request = https.request({ host: url.hostname, port: url.port, method, path, headers, agent }, onResponse);
    request.on('error', onError);
    request.end(body);
    return request;
  };
  return {
    request: (method, path, body, { contentType = 'application/json', keepBody = true } = {}) =>
      new Promise((resolve, reject) => {
        const headers = { accept: 'application/json' };
        if (body) Object.assign(headers, { 'content-type': contentType, 'content-length': body.length });
        open(
          method,
          path,
          headers,
          (response) => collect(response, response.statusCode, keepBody, resolve, reject),
          reject,
          body,
        );
      }),
    stream(path, onData, onEnd) {
      const request = open(
        'GET',
        path,
        { accept: 'application/json' },
        (response) => {
          response.on('data', onData).on('end', onEnd);
        },
        onEnd,
      );
      return () => request.destroy();
    },
    close: () => agent.destroy(),
  };
}

function http2Client(server, tls, connections) {
  const sessions = Array.from({ length: connections }, () => {
    const session = http2.connect(server, { ...tls, settings: { initialWindowSize: 4 << 20 } });
    session.setMaxListeners(0);
    session.on('connect', () => session.setLocalWindowSize(16 << 20));
    // A lost session fails its requests, which reject on their own.
    session.on('error', (error) => process.stderr.write(`HTTP/2 session: ${error.message}\n`));
    return session;
  });
  let turn = 0;
  const next = () => /** @type {http2.ClientHttp2Session} */ (sessions[turn++ % sessions.length]);
  return {
    request: (method, path, body, { contentType = 'application/json', keepBody = true } = {}) =>
      new Promise((resolve, reject) => {
        const headers = { ':method': method, ':path': path, accept: 'application/json' };
        if (body) Object.assign(headers, { 'content-type': contentType });
        const stream = next().request(headers, { endStream: !body });
        let status = 0;
        stream.on('response', (answer) => {
          status = answer[':status'] ?? 0;
        });
        collect(stream, () => status, keepBody, resolve, reject);
        if (body) stream.end(body);
      }),
    stream(path, onData, onEnd) {
      const stream = next().request({ ':path': path, accept: 'application/json' });
      stream.on('data', onData).on('end', onEnd).on('error', onEnd);
      return () => stream.close();
    },
    close() {
      for (const session of sessions) session.destroy();
    },
  };
}

function collect(stream, status, keepBody, resolve, reject) {
  let bytes = 0;
  const chunks = [];
  stream.on('data', (chunk) => {
    bytes += chunk.length;
    if (keepBody) chunks.push(chunk);
  });
  stream.on('end', () => {
    resolve({
      status: typeof status === 'function' ? status() : status,
      bytes,
      body: keepBody ? Buffer.concat(chunks) : undefined,
    });
  });
  stream.on('error', reject);
}
