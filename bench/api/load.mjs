import { fork } from 'node:child_process';
import path from 'node:path';

/**
 * Starts a load generator in its own process.
 * @param {import('./credentials.mjs').Credentials} credentials
 */
export function startLoadGenerator(credentials) {
  const child = fork(path.join(import.meta.dirname, 'load-generator.mjs'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let settle;
  child.on('message', (/** @type {any} */ { result, error }) => {
    if (error) settle?.reject(new Error(error));
    else settle?.resolve(result);
  });
  child.once('exit', (code) => settle?.reject(new Error(`the load generator ended with status ${code}`)));
  return {
    pid: /** @type {number} */ (child.pid),
    /** @param {string} job @param {object} options @returns {Promise<any>} */
    run: (job, options) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        child.send({ job, credentials, ...options });
      }),
    stop: () => child.kill('SIGKILL'),
  };
}
