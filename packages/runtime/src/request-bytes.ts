import http from 'node:http';
import https from 'node:https';
import { type ClusterConfig, identityHeaders, tlsOptions } from './cluster-config.ts';
import { readBody, refusalOf } from './status-response.ts';

/**
 * GETs something that is not JSON (a screenshot) as it is. `path` may carry a query. A refusal rejects with StatusError.
 */
export async function requestBytes(config: ClusterConfig, path: string): Promise<Buffer> {
  const credential = await config.credentials.current();
  const url = new URL(`${config.server.replace(/\/$/, '')}${path}`);
  const options = { headers: identityHeaders(config, credential), ...tlsOptions(config, credential) };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? https.get(url, options, resolve) : http.get(url, options, resolve);
    request.once('error', (cause) => reject(new Error(`GET ${path}: ${cause.message}`, { cause })));
  });
  const body = await readBody(response);
  if ((response.statusCode ?? 500) >= 400) throw refusalOf(response, body, `GET ${path}`);
  return body;
}
